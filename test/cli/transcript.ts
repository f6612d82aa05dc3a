import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { version } from '../../src/kernel/version.js';
import { type Place, type Ran, run } from './process.js';

/**
 * A transcript is a text file: `$ command`, then `< input` lines, then what came out: lines of standard output as they
 * are, lines of standard error behind `! `, and `[exit n]`. `# env NAME=value` at the top sets the environment,
 * `# alone` says that a running server changes nothing about it.
 * What differs from run to run is named (`<token 1>`, `<time>`), and commands and input may use those names.
 */
export interface Transcript {
  readonly name: string;
  readonly text: string;
  readonly env: Readonly<Record<string, string>>;
  readonly alone: boolean;
  readonly steps: readonly { readonly command: string; readonly input: string }[];
}

const FOLDER = join(import.meta.dirname, 'transcripts');

export function readTranscript(file: string): Transcript {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const lines = text.split('\n');
  const env = lines.flatMap((line) => (line.startsWith('# env ') ? [line.slice(6).split(/=(.*)/s).slice(0, 2)] : []));
  const steps: { command: string; input: string }[] = [];
  for (const line of lines) {
    if (line.startsWith('$ ')) steps.push({ command: line.slice(2), input: '' });
    const step = steps[steps.length - 1];
    if (line.startsWith('< ') && step !== undefined) step.input += `${line.slice(2)}\n`;
  }
  return { name: basename(file, '.txt'), text, env: Object.fromEntries(env), alone: lines.includes('# alone'), steps };
}

/** Runs every command of a transcript in one place and writes down what really happened. */
export async function replay({ text, steps }: Transcript, place: Place): Promise<string> {
  const names = new Names(place.folder);
  const comment = text.slice(0, text.startsWith('$ ') ? 0 : text.indexOf('\n$ ') + 1);
  const parts: string[] = [];
  for (const { command, input } of steps) {
    const ran = await run(words(names.real(command)), place, names.real(input));
    const inputLines = input.split('\n').slice(0, -1);
    parts.push([`$ ${command}`, ...inputLines.map((line) => `< ${line}`), ...shown(ran, names)].join('\n'));
  }
  return `${comment}${parts.join('\n\n')}\n`;
}

export function saveTranscript(name: string, text: string): void {
  writeFileSync(join(FOLDER, `${name}.txt`), text);
}

function shown({ code, stdout, stderr }: Ran, names: Names): string[] {
  const linesOf = (text: string) => (text === '' ? [] : names.masked(text).replace(/\n$/, '').split('\n'));
  return [...linesOf(stdout), ...linesOf(stderr).map((line) => `! ${line}`.trimEnd()), `[exit ${code}]`];
}

/** Words of a command line; only double quotes group. The first word is the program. */
function words(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '').slice(1);
}

const NUMBERED: readonly (readonly [string, RegExp])[] = [
  ['token', /\b[a-z]+_[a-z]{2,3}_(?:test|live)_[0-9A-Za-z]{49}\b/g],
  ['key', /\bkey_[0-9A-Za-z]{22}\b/g],
  ['organization', /\borg_[0-9A-Za-z]{22}\b/g],
  ['user', /\busr_[0-9A-Za-z]{22}\b/g],
  ['invite', /\binv_[0-9A-Za-z]{22}\b/g],
  ['link', /(?<=#)[0-9A-Za-z]{43}\b/g],
  ['credential', /\bcred_[0-9A-Za-z]{22}\b/g],
  ['prompt', /\bprm_[0-9A-Za-z]{22}\b/g],
  ['job', /\bjob_[0-9A-Za-z]{22}\b/g],
  ['request', /\breq_[0-9A-Za-z]{22}\b/g],
  ['fingerprint', /\b[0-9a-f]{16}\b/g],
];

/** Stable names for what differs from run to run. */
class Names {
  readonly #folder: string;
  readonly #byReal = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  masked(text: string): string {
    let result = text.replaceAll(this.#folder, '<folder>');
    for (const [kind, pattern] of NUMBERED) result = result.replace(pattern, (real) => this.#nameOf(kind, real));
    return result
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>')
      .replace(/\b([a-z]+_[a-z]{2,3}_(?:test|live)_)[0-9A-Za-z]{4}(?![0-9A-Za-z])/g, '$1????')
      .replace(/…[0-9A-Za-z]{4}/g, '…????')
      .replace(/("last4": )"[^"]+"/g, '$1"????"')
      .replace(/("durationMs": )\d+/g, '$1<ms>')
      .replace(/(last saved head \(line )\d+/g, '$1<n>')
      .replace(/\b\d+ s ago/g, '<now>')
      .replace(/\bin \d+ d\b/g, '<later>')
      .replaceAll(version(), '<version>')
      .replaceAll(process.version, '<node>');
  }

  real(text: string): string {
    let result = text.replaceAll('<folder>', this.#folder);
    for (const [real, name] of this.#byReal) result = result.replaceAll(name, real);
    return result;
  }

  #nameOf(kind: string, real: string): string {
    const known = this.#byReal.get(real);
    if (known !== undefined) return known;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const name = `<${kind} ${count}>`;
    this.#byReal.set(real, name);
    return name;
  }
}
