import type { Config, ConfigResult } from '../gatehouse.js';
import { Api } from './api.js';
import { CommandError, EXIT } from './exit-codes.js';
import type { Terminal } from './terminal.js';

/** A server that other processes on this machine reach through a socket. */
export interface CommandSocket {
  readonly socketPath: string;
  close(): Promise<void>;
}

/** What `main.ts` gives the command line: the doors it may not see, and how the process was started. */
export interface CliParts {
  readonly version: string;
  /** How people call this command where they are. */
  readonly command: string;
  readConfig(): ConfigResult;
  /** Runs the server until it is told to stop. @returns the exit code */
  serve(config: Config, say: (line: string) => void): Promise<number>;
  /** The command socket of the server that owns the folder now; `null`: nobody does. */
  findServer(config: Config): Promise<{ socketPath: string | null } | null>;
  /** Opens the folder in this process, with a socket that only it knows. */
  openOffline(config: Config): Promise<CommandSocket>;
}

/** What a command has at hand. */
export class Context {
  readonly terminal: Terminal;
  readonly parts: CliParts;

  constructor(terminal: Terminal, parts: CliParts) {
    this.terminal = terminal;
    this.parts = parts;
  }

  /** @throws CommandError with exit code 2 that tells every fault at once */
  config(): Config {
    const result = this.parts.readConfig();
    if (result.ok) return result.config;
    const [one, ...more] = result.faults;
    const words =
      more.length === 0
        ? one
        : `${result.faults.length} settings need attention:\n${result.faults.map((fault) => `  ${fault}`).join('\n')}`;
    throw new CommandError(EXIT.usage, words ?? 'the settings cannot be read');
  }

  /**
   * Runs `work` against the server on this folder, or on the folder itself when none runs.
   * The same routes answer in both cases, as `local`, the owner of the files.
   */
  async withApi<T>(work: (api: Api) => Promise<T>): Promise<T> {
    const config = this.config();
    const running = await this.#running(config);
    if (running !== null) return work(running);
    const offline = await this.parts.openOffline(config);
    try {
      return await work(new Api(offline.socketPath, config.basePath));
    } finally {
      await offline.close();
    }
  }

  /** The same for what only a server that runs can tell. @param why - follows "No server runs on this folder, and" */
  async withServer<T>(why: string, work: (api: Api) => Promise<T>): Promise<T> {
    const running = await this.#running(this.config());
    if (running === null) throw new CommandError(EXIT.unreachable, `No server runs on this folder, and ${why}.`);
    return work(running);
  }

  async #running(config: Config): Promise<Api | null> {
    const running = await this.parts.findServer(config);
    if (running === null) return null;
    if (running.socketPath !== null) return new Api(running.socketPath, config.basePath);
    throw new CommandError(
      EXIT.unreachable,
      'A server runs on this folder without a command socket. Start it with a writable SOCKET path, in a container with --tmpfs /run/gatehouse.',
    );
  }
}
