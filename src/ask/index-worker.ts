import { parentPort, workerData } from 'node:worker_threads';
import { isGatehouseError } from '../kernel/errors.js';
import { describeError, type LogFields, type Logger } from '../kernel/logger.js';
import type { FromWorker, Refusal, ToWorker, WorkerSettings } from './index-messages.js';
import { IndexRoom } from './index-room.js';

// Where indexes are built and searched: a thread of its own, so that the gate goes on deciding meanwhile.

const port = parentPort;
if (port === null) throw new Error('This file is the beginning of a worker thread.');
const say = (message: FromWorker) => port.postMessage(message);
const line = (level: keyof Logger) => (message: string, fields?: LogFields) =>
  say({ kind: 'log', level, message, fields: fields ?? {} });
const log: Logger = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };

/** The time as the gate's thread sees it. */
let aheadMs = 0;
const room = new IndexRoom({
  ...(workerData as WorkerSettings),
  clock: { nowMs: () => Date.now() + aheadMs },
  log,
  tell: (workspaceId, view) => say({ kind: 'view', workspaceId, view }),
});

port.on('message', async ({ id, nowMs, request }: ToWorker) => {
  aheadMs = nowMs - Date.now();
  try {
    say({ kind: 'answer', id, value: await room.answer(request) });
  } catch (error) {
    say({ kind: 'refusal', id, refusal: refusalOf(error) });
  }
  if (request.kind === 'close') port.close();
});

function refusalOf(error: unknown): Refusal {
  if (isGatehouseError(error)) {
    const { code, detail, retryAfterSeconds } = error;
    return { code, detail, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
  }
  log.error('ask: a question could not be looked up', describeError(error));
  return { code: 'INTERNAL', detail: 'The question could not be looked up. The log has the reason.' };
}
