import type { Server } from 'node:http';
import type { ErrorRequestHandler } from 'express';
import { GatehouseError, isGatehouseError } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { describeError, type Logger } from '../kernel/logger.js';
import { problemHeaders, toProblem } from '../kernel/problem.js';
import { TOO_DEEP } from './json-body.js';
import { requestIdOf } from './request-id.js';

/** The one place that answers errors at this door, whatever threw them. */
export function answerErrors(log: Logger): ErrorRequestHandler {
  return (thrown, request, response, _next) => {
    const error = translate(thrown);
    const requestId = requestIdOf(response);
    if (error.code === 'INTERNAL') log.error('request failed', { requestId, ...describeError(thrown) });
    else if (error.status >= 500) log.warn('request refused', { requestId, ...describeError(error) });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const headers = problemHeaders(error, requestId);
    for (let index = 0; index < headers.length; index += 2)
      response.setHeader(headers[index] as string, headers[index + 1] as string);
    // What is left of a body that nobody reads would be taken for the next request.
    if (!request.complete) response.setHeader('Connection', 'close');
    response.statusCode = error.status;
    response.end(request.method === 'HEAD' ? undefined : JSON.stringify(toProblem(error, requestId)));
  };
}

/** Errors of Express and body-parser carry a `type` and a status of their own; everything unknown is ours to answer for. */
function translate(thrown: unknown): GatehouseError {
  if (isGatehouseError(thrown)) return thrown;
  const { type, status, message } = thrown as { type?: string; status?: number; message?: string };
  switch (type) {
    case 'entity.parse.failed': {
      // V8 quotes the text around the fault, which may be a secret: only the position is passed on.
      const position = /position (\d+)/.exec(message ?? '')?.[1];
      return new GatehouseError(
        'BAD_REQUEST',
        `The body is not a JSON object${position === undefined ? '' : ` (at character ${position})`}.`,
      );
    }
    case 'entity.too.large':
      return new GatehouseError('PAYLOAD_TOO_LARGE', 'The body is larger than this route accepts.');
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new GatehouseError(
        'UNSUPPORTED_MEDIA_TYPE',
        'Send the body as UTF-8 JSON, plain or with gzip, deflate or br.',
      );
    case TOO_DEEP:
      return new GatehouseError('BAD_REQUEST', 'The body is nested deeper than 32 levels.');
  }
  if (thrown instanceof URIError)
    return new GatehouseError('BAD_REQUEST', 'The path holds a % that begins no character.');
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new GatehouseError('BAD_REQUEST', 'The request could not be read.');
  return new GatehouseError('INTERNAL', 'Something went wrong here. The log has more under this request id.', {
    cause: thrown,
  });
}

const PARSER_ERRORS: Readonly<Record<string, GatehouseError>> = {
  HPE_HEADER_OVERFLOW: new GatehouseError('HEADERS_TOO_LARGE', 'The request headers are larger than 16 KB.'),
  ERR_HTTP_REQUEST_TIMEOUT: new GatehouseError('REQUEST_TIMEOUT', 'The request did not arrive in time.'),
};
const UNREADABLE = new GatehouseError('BAD_REQUEST', 'This is not a request that HTTP allows.');

/** Answers what Node could not parse in the same shape; Express never sees it. */
export function answerParserErrors(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const refusal = PARSER_ERRORS[error.code ?? ''] ?? UNREADABLE;
    const requestId = newId('req');
    const body = JSON.stringify(toProblem(refusal, requestId));
    const headers = problemHeaders(refusal, requestId);
    let head = `HTTP/1.1 ${refusal.status} ${toProblem(refusal, requestId).title}\r\n`;
    for (let index = 0; index < headers.length; index += 2) head += `${headers[index]}: ${headers[index + 1]}\r\n`;
    socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
  });
}
