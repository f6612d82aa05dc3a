/** Settings of the server, read once from the environment. See docs/configuration.md. */
export interface Config {
  port: number;
  dataFile: string;
  requestsPerMinute: number;
}

export function readConfig(env: NodeJS.ProcessEnv): Config {
  return {
    port: wholeNumber(env, 'SHELF_PORT', 8080),
    dataFile: env.SHELF_DATA ?? './shelf.json',
    requestsPerMinute: wholeNumber(env, 'SHELF_REQUESTS_PER_MINUTE', 60),
  };
}

/** A bad number stops the start: a limit that silently became NaN would let everybody through. */
function wholeNumber(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} must be a whole number from 1, not "${text}"`);
  return value;
}
