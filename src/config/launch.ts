import { type ConfigResult, readConfig } from './config.js';

/** How this process was started, as far as words for people depend on it. */
export interface Launch {
  /** How to call the command line from where this process was started. */
  readonly command: string;
  /** https://no-color.org */
  readonly noColor: boolean;
  readonly config: () => ConfigResult;
}

/** The only place besides `readConfig` that looks at the process environment. */
export function readLaunch(environment: NodeJS.ProcessEnv = process.env, folder: string = process.cwd()): Launch {
  return {
    command: commandOf(environment),
    noColor: (environment['NO_COLOR'] ?? '') !== '',
    config: () => readConfig(environment, folder),
  };
}

function commandOf(environment: NodeJS.ProcessEnv): string {
  // The image sets this itself; in it, people call the command line through `docker exec`.
  if (environment['GATEHOUSE_IMAGE'] === '1') return 'docker exec gatehouse gatehouse';
  return environment['npm_lifecycle_event'] === undefined ? 'gatehouse' : 'npm run -s gatehouse --';
}
