import { Transform } from 'node:stream';
import { formsOf, type SecretForm } from './secret-forms.js';

const MASK = 0x2a;
const BLANK = 0x20;

/**
 * Takes known secrets out of what comes back, in every form of `formsOf`. Each byte of one becomes `*`, so that
 * lengths stay true.
 */
export class Scrubber {
  readonly #index: FormIndex;
  #echoes = 0;

  constructor(secrets: readonly string[]) {
    this.#index = new FormIndex(formsOf(secrets));
  }

  /** How often a secret was found so far. */
  get echoes(): number {
    return this.#echoes;
  }

  text(text: string): string {
    return this.#whole(Buffer.from(text)).toString('utf8');
  }

  /** A header as Node gives it: one character a byte. */
  header(value: string): string {
    return this.#whole(Buffer.from(value, 'latin1')).toString('latin1');
  }

  /**
   * For bodies that come in pieces. Held back is only what may be the beginning of a secret, so an event that ended
   * passes at once.
   */
  stream(): Transform {
    const run = new Run(this.#index);
    const pass = (chunk: Buffer, isLast: boolean) => {
      const ready = run.push(chunk, isLast);
      this.#echoes += run.takeFound();
      return ready.length === 0 ? undefined : ready;
    };
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => done(null, pass(chunk, false)),
      flush: (done) => done(null, pass(Buffer.alloc(0), true)),
    });
  }

  #whole(data: Buffer): Buffer {
    const run = new Run(this.#index);
    const clean = run.push(data, true);
    this.#echoes += run.takeFound();
    return clean;
  }
}

/** One body, or one text, on its way through. */
class Run {
  readonly #index: FormIndex;
  #held: Buffer = Buffer.alloc(0);
  #before = BLANK;
  /** Pieces of one long secret follow each other and are one echo. */
  #inEcho = false;
  #found = 0;

  constructor(index: FormIndex) {
    this.#index = index;
  }

  takeFound(): number {
    const found = this.#found;
    this.#found = 0;
    return found;
  }

  /** @returns what may pass on now */
  push(chunk: Buffer, isLast: boolean): Buffer {
    // The bytes of a chunk belong to whoever sent it: only a copy is written into.
    let data = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    let isOurs = data !== chunk;
    let at = 0;
    while (at < data.length) {
      const length = this.#index.look(data, at, at === 0 ? this.#before : (data[at - 1] as number), isLast);
      if (length < 0) break;
      if (length === 0) {
        this.#inEcho = false;
        at += 1;
        continue;
      }
      if (!isOurs) data = Buffer.from(data);
      isOurs = true;
      data.fill(MASK, at, at + length);
      if (!this.#inEcho) this.#found += 1;
      this.#inEcho = true;
      at += length;
    }
    if (at > 0) this.#before = data[at - 1] as number;
    this.#held = data.subarray(at);
    return data.subarray(0, at);
  }
}

class FormIndex {
  readonly #byStart = new Map<number, SecretForm[]>();
  /** By its first two bytes whether any form starts so, and by its first one: most places are dismissed by one look. */
  readonly #starts = new Uint8Array(65_536);
  readonly #firsts = new Uint8Array(256);

  constructor(forms: readonly SecretForm[]) {
    for (const form of forms) {
      const start = form.bytes.readUInt16BE(0);
      this.#starts[start] = 1;
      this.#firsts[start >> 8] = 1;
      this.#byStart.set(start, [...(this.#byStart.get(start) ?? []), form]);
    }
    // The first that fits is then the longest that does.
    for (const list of this.#byStart.values()) list.sort((a, b) => b.bytes.length - a.bytes.length);
  }

  /**
   * @param before - the byte that stands before `at`
   * @returns the length of the secret that starts at `at`; 0: none does; -1: cannot be told before more comes
   */
  look(data: Buffer, at: number, before: number, isLast: boolean): number {
    const first = data[at] as number;
    if (this.#firsts[first] === 0) return 0;
    const left = data.length - at;
    if (left === 1) return isLast ? 0 : -1;
    const start = (first << 8) | (data[at + 1] as number);
    if (this.#starts[start] === 0) return 0;
    for (const { bytes, wholeWord } of this.#byStart.get(start) ?? []) {
      const { length } = bytes;
      const known = Math.min(length, left);
      if ((wholeWord && isWord(before)) || data.compare(bytes, 0, known, at, at + known) !== 0) continue;
      // A whole word needs one byte more, to see that it ends.
      if (left < length + (wholeWord ? 1 : 0) && !isLast) return -1;
      if (left >= length && !(wholeWord && left > length && isWord(data[at + length] as number))) return length;
    }
    return 0;
  }
}

/** Letters, digits and the underscore; a byte of a longer character counts as a letter. */
function isWord(byte: number): boolean {
  return (
    byte >= 0x80 ||
    byte === 0x5f ||
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a)
  );
}
