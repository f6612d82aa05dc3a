import { GatehouseError } from './errors.js';
import { aborted } from './patience.js';
import type { AskEvent } from './types.js';

/**
 * The events of an answer that streams; ends after `done`.
 * @throws GatehouseError of the event `error`; `NETWORK` for a stream that ends without an end of its own
 */
export async function* eventsOf(answer: Response, signal: AbortSignal | undefined): AsyncGenerator<AskEvent> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let cause: unknown;
  try {
    for (;;) {
      const piece = await reader?.read();
      if (piece?.value === undefined) break;
      const events = (text + piece.value).split('\n\n');
      text = events.pop() ?? '';
      for (const one of events) {
        const [, event, json] = /^event: (.*)\ndata: (.*)$/m.exec(one) ?? [];
        if (json === undefined) continue;
        const data = JSON.parse(json);
        if (event === 'error') throw new GatehouseError(data.code, data.detail, data);
        yield { event, data } as AskEvent;
        if (event === 'done') return;
      }
    }
  } catch (error) {
    if (error instanceof GatehouseError) throw error;
    cause = error;
  } finally {
    reader?.cancel().catch(() => {});
  }
  if (signal?.aborted) throw aborted(signal);
  throw new GatehouseError('NETWORK', 'The answer ended in the middle.', { cause });
}
