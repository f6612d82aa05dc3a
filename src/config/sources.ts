import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';

/** A setting as it was found. */
export interface RawSetting {
  readonly value: string;
  /** Where from: `environment`, `.env.local`, `.env`, or the variable that names a file. */
  readonly source: string;
}

/** Settings by name, and the files they were read from. */
export interface RawSettings {
  readonly values: ReadonlyMap<string, RawSetting>;
  /** Names in `.env.local`, which is ours alone, so that a misspelt one can be told. */
  readonly localNames: readonly string[];
  readonly faults: readonly string[];
}

/**
 * The real environment, over `.env.local`, over `.env`, both in the folder Gatehouse is started in.
 * @param folder - `null`: no files
 */
export function readSources(environment: NodeJS.ProcessEnv, folder: string | null): RawSettings {
  const faults: string[] = [];
  const values = new Map<string, RawSetting>();
  let localNames: string[] = [];
  for (const source of folder === null ? [] : ['.env', '.env.local']) {
    const entries = readEnvFile(join(folder ?? '', source), source, faults);
    for (const [name, value] of Object.entries(entries)) values.set(name, { value, source });
    if (source === '.env.local') localNames = Object.keys(entries);
  }
  for (const [name, value] of Object.entries(environment)) {
    // A blank variable is not set: a compose file that passes ALLOWED_IPS= on must not open what .env.local closes.
    if (value !== undefined && (value.trim() !== '' || !values.has(name)))
      values.set(name, { value, source: 'environment' });
  }
  return { values, localNames, faults };
}

function readEnvFile(path: string, name: string, faults: string[]): Record<string, string> {
  try {
    const text = readFileSync(path, 'utf8');
    // UTF-16, as some Windows shells write it, parses as no settings at all, and would open the gate in silence.
    if (text.includes('\0')) faults.push(`${name}: is not UTF-8 text. Save it as UTF-8.`);
    return parse(text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Only "not there" means empty: a file that cannot be read may hold the lines that keep strangers out.
    if (code !== 'ENOENT') faults.push(`${name}: cannot be read (${code}). Mend its permissions or remove it.`);
    return {};
  }
}

/**
 * The value of a setting; an empty one counts as not set. Secrets may also come from the file that `NAME_FILE` names.
 * @throws Error with the remedy, never with the value
 */
export function lookUp(raw: RawSettings, name: string, isSecret: boolean): RawSetting | null {
  const direct = raw.values.get(name);
  const set = direct !== undefined && direct.value.trim() !== '' ? direct : null;
  if (!isSecret) return set;
  const fileName = `${name}_FILE`;
  const path = raw.values.get(fileName)?.value.trim() ?? '';
  if (path === '') return set;
  if (set !== null) throw new Error(`${name} and ${fileName} are both set. Keep one of them`);
  try {
    // One line break at the end is the editor's, not the secret's.
    return { value: readFileSync(path, 'utf8').replace(/\r?\n$/, ''), source: fileName };
  } catch (error) {
    throw new Error(`${fileName} names a file that cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
