/** One line of a .env file that holds a value. */
export interface EnvValue {
  readonly name: string;
  readonly value: string;
}

/** Read as the command line does, by the rules of dotenv: comments, quotes, `export`, values over several lines. */
const LINE =
  /^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/gm;

/** The values of a .env file, each name once, the last of them; read in the page and sent nowhere. */
export function parseEnv(text: string): EnvValue[] {
  const values = new Map<string, string>();
  for (const [, name = '', raw = ''] of text.replace(/\r\n?/g, '\n').matchAll(LINE)) {
    const trimmed = raw.trim();
    const quote = trimmed[0];
    const bare = trimmed.replace(/^(['"`])([\s\S]*)\1$/g, '$2');
    values.set(name, quote === '"' ? bare.replace(/\\n/g, '\n').replace(/\\r/g, '\r') : bare);
  }
  return [...values].map(([name, value]) => ({ name, value }));
}

/** Names in templates: `secrets.STRIPE_KEY`. */
export const VALUE_NAME = /^[A-Z][A-Z0-9_]{0,63}$/;
