import { readFileSync } from 'node:fs';
import type { CredentialTypeView } from '../../contract/credentials.js';
import { CommandError, EXIT } from '../exit-codes.js';
import type { Terminal } from '../terminal.js';

type Fields = Record<string, unknown>;
type Field = CredentialTypeView['fields'][number];

/** What a file holds, or standard input, which is asked for when a person sits there. Never an argument. */
export async function readPrivate(file: string | undefined, what: string, terminal: Terminal): Promise<string> {
  let text: string;
  if (file !== undefined) text = readFile(file);
  else if (terminal.asks) text = (await terminal.askHidden(`${what} (not shown):`)).trim();
  else text = await terminal.readInput(what);
  if (text.trim() === '') throw new CommandError(EXIT.usage, `Nothing came for ${what}. Pipe it in, or name a file.`);
  return text;
}

export function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new CommandError(EXIT.usage, `${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/**
 * The fields of a credential: asked one by one where a person sits, else read from a file or standard input as JSON.
 * For a type that needs one secret alone, the bare secret does.
 */
export async function readFields(
  type: CredentialTypeView,
  file: string | undefined,
  terminal: Terminal,
): Promise<Fields> {
  if (file === undefined && terminal.asks) return askFields(type, terminal);
  const text = file === undefined ? await terminal.readInput('the fields') : readFile(file);
  return fieldsIn(text.trim(), type);
}

/** @throws CommandError that names the fields, and repeats nothing of `text` */
export function fieldsIn(text: string, type: CredentialTypeView): Fields {
  const names = new Set(type.fields.map(({ name }) => name));
  const [only, ...more] = type.fields.filter(
    ({ secret, required, default: preset }) => secret && required && preset === null,
  );
  const single =
    more.length === 0 && only !== undefined && (only.kind === 'secret' || only.kind === 'json') ? only : null;
  const wanted = type.fields.map(({ name, required }) => (required ? name : `${name}?`)).join(', ');
  if (text === '') throw new CommandError(EXIT.usage, `Nothing came on standard input. ${type.label} has: ${wanted}.`);
  const parsed = parseObject(text);
  // A pasted key file is JSON too: it is the secret itself, when none of its members is a field.
  if (parsed !== null && (single?.kind !== 'json' || Object.keys(parsed).some((name) => names.has(name))))
    return parsed;
  if (single !== null) return { [single.name]: text };
  throw new CommandError(EXIT.usage, `Standard input is no JSON object. ${type.label} has: ${wanted}.`);
}

function parseObject(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

async function askFields(type: CredentialTypeView, terminal: Terminal): Promise<Fields> {
  const fields: Fields = {};
  const has = (when: Readonly<Record<string, string>> | null) =>
    Object.entries(when ?? {}).every(([name, value]) => String(fields[name]) === value);
  for (const field of type.fields) {
    if (!has(field.showIf)) continue;
    if (field.kind === 'keyvalue') fields[field.name] = await askPairs(field, terminal);
    else {
      const needed = field.required || (field.requiredIf !== null && has(field.requiredIf));
      const hint = field.default === null ? (needed ? '' : ' (may be empty)') : ` [${field.default}]`;
      const options = field.options === null ? '' : ` (${field.options.map(({ value }) => value).join(', ')})`;
      const question = `${field.label}${options}${hint}:`;
      const typed = (field.secret ? await terminal.askHidden(question) : await terminal.ask(question)).trim();
      const value = typed === '' ? field.default : typed;
      if (value !== null) fields[field.name] = value;
    }
  }
  return fields;
}

async function askPairs({ label }: Field, terminal: Terminal): Promise<Record<string, string>> {
  const pairs: Record<string, string> = {};
  for (;;) {
    const name = await terminal.ask(`${label}, name (empty: no more):`);
    if (name === '') return pairs;
    pairs[name] = (await terminal.askHidden(`${name} (not shown):`)).trim();
  }
}
