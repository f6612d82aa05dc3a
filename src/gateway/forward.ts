import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { GatehouseError } from '../kernel/errors.js';
import { answerHeaders, trailersOf } from './answer-headers.js';
import type { Arrival } from './arrival.js';
import { discardRest, hasBody } from './request-body.js';
import { joinSockets } from './tunnel.js';
import type { Outgoing, Upstream } from './upstream.js';

/** A request that was let in, and how it goes on. */
export interface Exchange {
  readonly arrival: Arrival;
  readonly outgoing: Omit<Outgoing, 'alone'>;
  /** What the app may see of fields that the caller sent, as name, value, name, value … */
  readonly strip: (raw: readonly string[]) => string[];
  /** How long the app may take to begin its answer, and the caller to go on with its body. */
  readonly timeoutMs: number;
  /** Headers of ours for this answer of the app. */
  readonly more: (answer: IncomingMessage) => readonly string[];
  /** Whether the caller's connection is to end with this answer. */
  readonly isLast: () => boolean;
  readonly refuse: (error: GatehouseError) => void;
  /** The answer has no end of its own: a tunnel, or server-sent events. */
  readonly onEndless: () => void;
}

/** Methods that may be sent twice, should a connection that was kept open turn out to be closed. */
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Sends a request to the app and its answer back, both as they come: nothing is gathered, each side waits for the other. */
export function forward(upstream: Upstream, exchange: Exchange): void {
  const { arrival, outgoing } = exchange;
  const { request, response, upgrade } = arrival;
  const carriesBody = hasBody(request);
  let attempt: ClientRequest | undefined;
  let over = false;

  const settle = (): boolean => {
    if (over) return false;
    over = true;
    clearTimeout(timer);
    return true;
  };
  const fail = (error: GatehouseError) => {
    if (!settle()) return;
    attempt?.destroy();
    exchange.refuse(error);
  };
  const timer = setTimeout(() => {
    const waitsForCaller =
      carriesBody && !arrival.awaitsContinue && !request.complete && attempt?.writableNeedDrain === false;
    fail(waitsForCaller ? BODY_STALLED : TOOK_TOO_LONG);
  }, exchange.timeoutMs);

  const start = (isSecond: boolean) => {
    const sent = upstream.send({ ...outgoing, alone: isSecond || upgrade !== null });
    attempt = sent;
    sent.on('continue', () => {
      if (!arrival.awaitsContinue) return;
      arrival.awaitsContinue = false;
      response.writeContinue();
    });
    sent.on('response', (answer) => {
      if (!isReadable(answer)) fail(NO_ANSWER);
      else if (settle()) relay(exchange, answer, () => sent.destroy());
    });
    if (upgrade !== null) {
      sent.on('upgrade', (answer, socket, head) => {
        const chosen = (answer.headers.upgrade ?? '').toLowerCase();
        if (upgrade.protocols.includes(chosen) && settle()) {
          switchProtocols(exchange, answer, socket, head, upgrade.head);
        } else {
          socket.destroy();
          fail(NO_ANSWER);
        }
      });
    }
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const repeats = !isSecond && !carriesBody && sent.reusedSocket && REPEATABLE.has(outgoing.method);
      if (repeats && !over) start(true);
      else if (sent === attempt) fail(describe(error));
    });
    sent.on('close', () => {
      if (sent === attempt) fail(NO_ANSWER);
    });
    if (!carriesBody) {
      sent.end();
      return;
    }
    request.pipe(sent, { end: false });
    request.on('data', () => {
      if (!over) timer.refresh();
    });
    request.on('end', () => {
      sent.addTrailers(trailersOf(exchange.strip(request.rawTrailers)));
      sent.end();
    });
  };

  request.on('error', () => {});
  response.once('close', () => {
    settle();
    if (!response.writableFinished) attempt?.destroy();
  });
  try {
    start(false);
  } catch (cause) {
    fail(new GatehouseError('BAD_REQUEST', 'The request holds a character that HTTP does not allow there.', { cause }));
  }
}

/** Codings beside chunked would have to be undone here and could not be done again. */
function isReadable({ headers }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding'];
  return coding === undefined || coding.toLowerCase() === 'chunked';
}

function relay({ arrival, ...exchange }: Exchange, answer: IncomingMessage, stop: () => void): void {
  const { request, response } = arrival;
  // An answer that is cut short must not look like one that has ended, however it would end.
  const abort = () => {
    if (request.httpVersionMinor === 0) request.socket.resetAndDestroy();
    else response.destroy();
  };
  const chunked = answer.headers['transfer-encoding'] !== undefined && request.httpVersionMinor > 0;
  const headers = [...answerHeaders(answer, chunked), ...exchange.more(answer)];
  // A body that the caller keeps back for want of a 100 will not come any more.
  if (arrival.awaitsContinue || exchange.isLast()) response.shouldKeepAlive = false;
  try {
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers);
  } catch {
    stop();
    exchange.refuse(NO_ANSWER);
    return;
  }
  if (answer.headers['content-type']?.startsWith('text/event-stream')) exchange.onEndless();
  // The head goes with the first bytes of the body where they are here already, and by itself where they take a while.
  let begun = false;
  answer.once('data', () => {
    begun = true;
  });
  setImmediate(() => {
    if (!begun && !response.writableEnded && !response.destroyed) response.flushHeaders();
  });
  answer.pipe(response, { end: false });
  answer.on('error', abort);
  answer.on('close', () => {
    if (!answer.complete) abort();
  });
  answer.on('end', () => {
    if (chunked) response.addTrailers(trailersOf(answer.rawTrailers));
    response.end();
    if (!hasBody(request) || request.complete) return;
    // The app has said all it will without reading all that was sent.
    request.unpipe();
    stop();
    discardRest(request);
  });
}

function switchProtocols(
  exchange: Exchange,
  answer: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  early: Buffer,
): void {
  const { request, response } = exchange.arrival;
  const headers = [
    'Connection',
    'Upgrade',
    'Upgrade',
    answer.headers.upgrade ?? '',
    ...answerHeaders(answer, false),
    ...exchange.more(answer),
  ];
  const lines = [`HTTP/1.1 101 ${answer.statusMessage || 'Switching Protocols'}`];
  for (let index = 0; index < headers.length; index += 2) lines.push(`${headers[index]}: ${headers[index + 1]}`);
  response.statusCode = 101;
  response.detachSocket(request.socket);
  request.socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  exchange.onEndless();
  joinSockets({ socket: request.socket, early }, { socket, early: head });
}

function describe(error: NodeJS.ErrnoException): GatehouseError {
  if (error.code?.startsWith('HPE_')) return NO_ANSWER;
  return new GatehouseError(
    'UPSTREAM_UNREACHABLE',
    'The app behind this gateway cannot be reached. Is it running, and is UPSTREAM_URL its address?',
    { cause: error },
  );
}

const NO_ANSWER = new GatehouseError(
  'UPSTREAM_BAD_ANSWER',
  'The app behind this gateway gave no answer that HTTP allows.',
);
const TOOK_TOO_LONG = new GatehouseError(
  'UPSTREAM_TIMEOUT',
  'The app behind this gateway did not begin to answer within UPSTREAM_TIMEOUT.',
);
const BODY_STALLED = new GatehouseError('REQUEST_TIMEOUT', 'The body of the request did not go on.');
