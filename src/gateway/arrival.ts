import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request, as its server hands it over. */
export interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Whether the caller waits for 100 before it sends its body; false from the 100 on. */
  awaitsContinue: boolean;
  /** Protocols it asks for instead of HTTP, and what came in one already; `null`: none. */
  readonly upgrade: { readonly protocols: readonly string[]; readonly head: Buffer } | null;
}
