import type { IncomingHttpHeaders } from 'node:http';

export interface Seen {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the request of any vendor
  readonly json: any;
}

/** What a provider refuses with. */
export type Refusal = 'bad key' | 'rate limited' | 'no credit' | 'overloaded' | 'too long' | 'unknown model' | 'other';

export interface Refused {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What of the request reached the model, in no vendor's shape. */
export interface Read {
  readonly model: string;
  readonly system: string;
  readonly turns: readonly { readonly role: string; readonly text: string }[];
  readonly hasTools: boolean;
}

/** A vendor's published wire format, as its documentation has it: what it takes and how it streams. */
export interface Wire {
  readonly name: string;
  /** Of the catalogue. */
  readonly type: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Its key, and the header that it has to come in. */
  readonly secret: string;
  readonly keyHeader: readonly [name: string, value: string];
  /** The model that is asked for when nobody names one. */
  readonly usualModel: string;
  /** @throws when the request is not as the vendor documents it */
  read(request: Seen): Read;
  begin(model: string): string;
  piece(text: string): string;
  end(usage: { input: number; output: number }): string;
  /** It reached its limit. */
  cut(usage: { input: number; output: number }): string;
  /** Its filter stopped it. */
  filtered(): string;
  /** An error in the middle of a stream. */
  fault(): string;
  refuse(what: Refusal): Refused;
}

export const event = (data: unknown, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

export function require(holds: boolean, what: string): void {
  if (!holds) throw new Error(`the request is not as documented: ${what}`);
}
