import type { LiveEvent } from '../../src/contract/live.js';

type Told = LiveEvent & { readonly eventId: number };

/** A stream of `/api/events`, as a page of this instance has one open. */
export interface Heard extends AsyncDisposable {
  readonly status: number;
  readonly headers: Headers;
  /** Everything so far, as it came. */
  text(): string;
  readonly all: readonly Told[];
  /** The next event of these types, also among those that came before this call; each is given once. */
  next<T extends LiveEvent['type']>(...types: T[]): Promise<Extract<LiveEvent, { type: T }> & { eventId: number }>;
  /** Resolves when the server has ended it. */
  readonly ended: Promise<void>;
}

const PATIENCE_MS = 6000;

export async function hear(
  url: string,
  headers: Record<string, string>,
  { query = '', lastEventId }: { query?: string; lastEventId?: number } = {},
): Promise<Heard> {
  const aborter = new AbortController();
  const response = await fetch(`${url}/api/events${query}`, {
    headers: { ...headers, ...(lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }) },
    signal: aborter.signal,
  });
  let text = '';
  const all: Told[] = [];
  const taken = new Set<Told>();
  let wake = () => {};
  const ended = (async () => {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body as ReadableStream<Uint8Array>) {
        text += decoder.decode(chunk, { stream: true });
        const blocks = text.split('\n\n').slice(0, -1);
        for (const block of blocks.filter((one) => one.startsWith('id: ')).slice(all.length)) {
          const [id = '', name, data = ''] = block.split('\n');
          if (name !== 'event: message') throw new Error(`an event named ${name}`);
          all.push({ ...JSON.parse(data.slice('data: '.length)), eventId: Number(id.slice('id: '.length)) });
        }
        wake();
      }
    } catch (error) {
      if (!aborter.signal.aborted) throw error;
    }
  })();
  const next = async (...types: string[]) => {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = all.find((event) => types.includes(event.type) && !taken.has(event));
      if (found !== undefined) {
        taken.add(found);
        return found as never;
      }
      if (performance.now() > until) throw new Error(`heard no ${types.join(' or ')} in ${text}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  return {
    status: response.status,
    headers: response.headers,
    text: () => text,
    all,
    next,
    ended,
    async [Symbol.asyncDispose]() {
      aborter.abort();
      await ended;
    },
  };
}
