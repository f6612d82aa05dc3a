import type { ListenEvents } from '../contract/live.js';
import type { Clock } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import type { Announce, Happening } from '../kernel/happening.js';
import type { Bounds } from '../kernel/principal.js';
import { hears } from './audience.js';
import { Listener, type Numbered } from './listener.js';

export const MAX_STREAMS_PER_USER = 10;
const MAX_STREAMS = 1000;
/** Told again to those whose connection broke for a moment. */
const MAX_KEPT = 500;
const RETRY_AFTER_SECONDS = 10;

export interface LiveOptions {
  readonly clock: Clock;
  /** Asks for the requests of a key one by one; `usage` fits it. */
  readonly requests: { watch(keyId: string): () => void };
  /** Whether there is such a key and somebody may know of it. */
  readonly knowsKey: (by: Bounds, keyId: string) => boolean;
}

interface Stream {
  readonly by: Bounds;
  readonly only: string | null;
  readonly watched: ReadonlySet<string>;
  readonly listener: Listener;
  /** Ends it from our side. */
  readonly end: () => void;
}

/**
 * Tells open pages what happens, as it happens. It knows nothing of what was written, only that it was: pages read it
 * again through the routes, which judge anew.
 */
export class Live {
  readonly #o: LiveOptions;
  readonly #streams = new Set<Stream>();
  readonly #kept: { readonly id: number; readonly happening: Happening }[] = [];
  /** Goes on from the time of the start, so that no number of another start is met again. */
  #lastId: number;

  constructor(options: LiveOptions) {
    this.#o = options;
    this.#lastId = options.clock.nowMs();
  }

  readonly announce: Announce = (happening) => {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#kept.push({ id, happening });
    if (this.#kept.length > MAX_KEPT) this.#kept.shift();
    for (const stream of this.#streams) if (isFor(stream, happening)) stream.listener.push(id, happening.event);
    if (happening.event.type === 'user.changed') this.#endStreamsOf(happening.event.id);
  };

  /** How many streams are open. */
  get size(): number {
    return this.#streams.size;
  }

  /** What a user hears by rights they may not have any more: their browser comes back at once and is judged anew. */
  #endStreamsOf(userId: string | null): void {
    for (const stream of this.#streams) if (stream.by.principal.id === userId) stream.end();
  }

  /**
   * Opens a stream, which begins with `hello`, until `signal` says that its listener has gone.
   * @param lastId - of the last event the listener has seen; 0: none
   * @throws GatehouseError `RATE_LIMITED` when the user has too many open; `NOT_FOUND` for a watched key that is foreign
   *   or not there, alike; `FORBIDDEN` for a foreign organization
   */
  listen(by: Bounds, query: ListenEvents, lastId: number, signal: AbortSignal): AsyncGenerator<Numbered> {
    const { operator, organizationId, id: userId } = by.principal;
    const named = query.organizationId;
    if (named !== undefined) by.require({ organizationId: named });
    const watched = new Set(query.watch ?? []);
    if (![...watched].every((keyId) => this.#o.knowsKey(by, keyId)))
      throw new GatehouseError('NOT_FOUND', 'watch: there is no such key. GET /api/keys lists them.');
    this.#requireRoom(userId);
    const listener = new Listener();
    const unwatch = [...watched].map((keyId) => this.#o.requests.watch(keyId));
    const stream: Stream = { by, only: operator ? (named ?? null) : organizationId, watched, listener, end };
    const streams = this.#streams;
    function end() {
      if (!streams.delete(stream)) return;
      for (const stop of unwatch) stop();
      listener.end();
      signal.removeEventListener('abort', end);
    }
    signal.addEventListener('abort', end, { once: true });
    streams.add(stream);
    if (signal.aborted) end();
    return this.#tell(stream, lastId, this.#missedBy(lastId));
  }

  async *#tell(
    stream: Stream,
    lastId: number,
    missed: readonly { id: number; happening: Happening }[] | null,
  ): AsyncGenerator<Numbered> {
    // With the number from before what is told again: a connection that breaks in between begins there once more.
    const id = missed === null || lastId === 0 ? this.#lastId : lastId;
    yield { id, event: { type: 'hello', data: { missed: missed === null } } };
    for (const { id, happening } of missed ?? [])
      if (isFor(stream, happening)) stream.listener.push(id, happening.event);
    yield* stream.listener.events();
  }

  /** `null`: they are not kept, all of them. */
  #missedBy(lastId: number): { readonly id: number; readonly happening: Happening }[] | null {
    if (lastId === 0) return [];
    const oldest = this.#kept[0]?.id ?? this.#lastId + 1;
    if (lastId > this.#lastId || lastId < oldest - 1) return null;
    return this.#kept.filter(({ id }) => id > lastId);
  }

  #requireRoom(userId: string): void {
    const own = [...this.#streams].filter(({ by }) => by.principal.id === userId).length;
    if (own < MAX_STREAMS_PER_USER && this.#streams.size < MAX_STREAMS) return;
    const detail =
      own >= MAX_STREAMS_PER_USER
        ? `This account listens in ${own} places already, which is as many as it may. Close a page that is open elsewhere.`
        : 'Too many pages listen here already. Lists can be read without.';
    throw new GatehouseError('RATE_LIMITED', detail, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
}

function isFor({ by, only, watched }: Stream, happening: Happening): boolean {
  const { event, key } = happening;
  if (event.type === 'request' && !watched.has(key?.id ?? '')) return false;
  return hears(by, only, happening);
}
