import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Connections } from './connections.js';
import { GatehouseError } from './errors.js';
import { newRequestId } from './ids.js';
import { problemHeaders, toProblem } from './problem.js';

const PARSER_ERRORS: Readonly<Record<string, GatehouseError>> = {
  HPE_HEADER_OVERFLOW: new GatehouseError('HEADERS_TOO_LARGE', 'The request headers are larger than 16 KB.'),
  ERR_HTTP_REQUEST_TIMEOUT: new GatehouseError('REQUEST_TIMEOUT', 'The request did not arrive in time.'),
};
const UNREADABLE = new GatehouseError('BAD_REQUEST', 'This is not a request that HTTP allows.');
const NO_TUNNEL = new GatehouseError('METHOD_NOT_ALLOWED', 'Gatehouse opens no tunnels.');

/** Answers in the one error shape what no handler ever sees: what Node could not parse, and CONNECT. */
export function answerUnparsed(server: Server, connections: Connections): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const response = connections.answerOn(socket);
    // In the middle of an answer a second one would be read as a part of it, and behind the last one it is none.
    const answering = response?.headersSent === true && !response.writableFinished;
    if (!socket.writable || answering || error.code === 'ECONNRESET') socket.destroy();
    else if (response?.writableFinished === true && !response.shouldKeepAlive) socket.end();
    else refuse(socket, PARSER_ERRORS[error.code ?? ''] ?? UNREADABLE);
  });
  server.on('connect', (_request, socket) => refuse(socket, NO_TUNNEL));
}

function refuse(socket: Duplex, refusal: GatehouseError): void {
  const requestId = newRequestId();
  const problem = toProblem(refusal, requestId);
  const body = JSON.stringify(problem);
  const headers = problemHeaders(refusal, requestId);
  let head = `HTTP/1.1 ${refusal.status} ${problem.title}\r\n`;
  for (let index = 0; index < headers.length; index += 2) head += `${headers[index]}: ${headers[index + 1]}\r\n`;
  socket.on('error', () => {});
  socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}
