import { createInterface } from 'node:readline/promises';
import { type Readable, Writable } from 'node:stream';
import { styleText } from 'node:util';
import { CommandError, EXIT } from './exit-codes.js';

/** What a terminal would act on instead of show; names and notes come from callers, so they are shown without. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

export interface Streams {
  readonly input: Readable & { isTTY?: boolean };
  readonly output: Writable & { isTTY?: boolean };
  readonly words: Writable & { isTTY?: boolean };
}

export interface Style {
  /** One JSON document on standard output instead of text. */
  json: boolean;
  /** Only the id or the secret. */
  quiet: boolean;
  color: boolean;
}

/** Data goes to standard output, words to standard error, so that output can be piped. */
export class Terminal {
  readonly #streams: Streams;
  readonly #style: Style;

  constructor(streams: Streams, style: Style) {
    this.#streams = streams;
    this.#style = style;
  }

  /** Whether a person is there to read a progress bar. */
  get showsProgress(): boolean {
    return this.#streams.words.isTTY === true && !this.#style.quiet && !this.#style.json;
  }

  /** The result: JSON as `{data, warnings}`, the short form with `--quiet`, else text. */
  result(data: unknown, text: () => string, short?: string, warnings: readonly string[] = []): void {
    if (this.#style.json) this.#write(`${toJson({ data, warnings })}\n`);
    else if (this.#style.quiet && short !== undefined) this.#write(short === '' ? '' : `${short}\n`);
    else this.#write(`${text().replace(CONTROL, '')}\n`);
  }

  /** One of a result that has no end: JSON on one line, the short form, or text. */
  line(data: unknown, text: () => string, short: string): void {
    if (this.#style.json) this.#write(`${toJson(data, 0)}\n`);
    else this.#write(`${this.#style.quiet ? short : text().replace(CONTROL, '')}\n`);
  }

  /** A remark beside the result. */
  say(words: string): void {
    if (!this.#style.quiet && !this.#style.json) this.#streams.words.write(`${words.replace(CONTROL, '')}\n`);
  }

  fail(words: string): void {
    this.#streams.words.write(`${this.paint('red', 'gatehouse:')} ${words.replace(CONTROL, '')}\n`);
  }

  /** Whether a person reads the result as it comes. */
  get showsPieces(): boolean {
    return this.#streams.output.isTTY === true && !this.#style.quiet && !this.#style.json;
  }

  /** A part of the result, where `showsPieces`; the rest of it comes behind. */
  piece(text: string): void {
    this.#write(text.replace(CONTROL, ''));
  }

  progress(done: number, total: number, what: string): void {
    if (!this.showsProgress) return;
    const width = 24;
    const filled = total === 0 ? 0 : Math.round((done / total) * width);
    this.#streams.words.write(`\r${what} [${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${done}/${total}`);
  }

  endProgress(): void {
    if (this.showsProgress) this.#streams.words.write('\r\u001b[K');
  }

  paint(color: 'red' | 'green' | 'yellow' | 'bold' | 'dim', text: string): string {
    // Node asks standard output whether it takes colours; these go to standard error, and `style` has asked.
    return this.#style.color ? styleText(color, text, { validateStream: false }) : text;
  }

  /**
   * Asks the person at the terminal to type `expected`.
   * @throws CommandError when there is nobody to ask, or something else was typed
   */
  async confirm(question: string, expected: string): Promise<void> {
    if (!this.asks) throw new CommandError(EXIT.usage, 'This needs a yes: add --yes to run it without a terminal.');
    if ((await this.ask(question)) !== expected) throw new CommandError(EXIT.failed, 'Nothing was changed.');
  }

  /** Whether a person is there to be asked. */
  get asks(): boolean {
    return this.#streams.input.isTTY === true;
  }

  /** One line of what a person types. */
  async ask(question: string): Promise<string> {
    const { input, words } = this.#streams;
    const asking = createInterface({ input, output: words });
    const typed = await asking.question(`${question.replace(CONTROL, '')} `);
    asking.close();
    return typed.trim();
  }

  /** One line as it is typed or pasted, which is not shown. */
  async askHidden(question: string): Promise<string> {
    const { input, words } = this.#streams;
    words.write(`${question.replace(CONTROL, '')} `);
    // The line editor echoes what it reads to its output, so it gets one that swallows everything.
    const swallow = new Writable({ write: (_chunk, _encoding, done) => done() });
    const asking = createInterface({ input, output: swallow, terminal: true });
    asking.on('SIGINT', () => process.exit(130));
    const typed = await asking.question('');
    asking.close();
    words.write('\n');
    return typed;
  }

  /** Standard input as it comes. @throws CommandError where a person sits there */
  inputBytes(): AsyncIterable<Buffer> {
    if (this.asks) throw new CommandError(EXIT.usage, 'Pipe an archive in: tar -cz FOLDER | … upload WORKSPACE -');
    return this.#streams.input as AsyncIterable<Buffer>;
  }

  /** All of standard input as text, one line break at its end taken off. */
  async readInput(what: string): Promise<string> {
    const { input } = this.#streams;
    if (input.isTTY === true) this.say(`Type or paste ${what}, then Ctrl+D:`);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of input) {
      chunks.push(Buffer.from(chunk as Buffer));
      size += chunks[chunks.length - 1]?.length ?? 0;
      if (size > 1_000_000) throw new CommandError(EXIT.usage, `${what} on standard input is larger than 1 MB.`);
    }
    return Buffer.concat(chunks)
      .toString('utf8')
      .replace(/\r?\n$/, '');
  }

  #write(text: string): void {
    this.#streams.output.write(text);
  }
}

/** JSON leaves the C1 controls as they are, and a terminal acts on them. */
function toJson(value: unknown, indent = 2): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f]/g,
    (character) => `\\u00${character.charCodeAt(0).toString(16)}`,
  );
}

/** Text as one line: a line break in a name would forge a row. */
export function oneLine(text: string): string {
  return text.replace(/[\t\r\n]+/g, ' ');
}

/** Rows as aligned columns; the last column is not padded. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows.map((row) => row.map(oneLine))];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `2 min ago` and the like; `never` for null. */
export function ago(at: string | null, nowMs: number): string {
  if (at === null) return 'never';
  const seconds = Math.round((nowMs - Date.parse(at)) / 1000);
  const units: [number, string][] = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
  ];
  const unit = units.find(([length]) => Math.abs(seconds) >= length);
  const text = unit === undefined ? `${Math.abs(seconds)} s` : `${Math.floor(Math.abs(seconds) / unit[0])} ${unit[1]}`;
  return seconds < 0 ? `in ${text}` : `${text} ago`;
}
