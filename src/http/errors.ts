import type { ErrorRequestHandler } from 'express';
import type { Gatehouse } from '../gatehouse.js';
import { GatehouseError, isGatehouseError } from '../kernel/errors.js';
import { jsonFaultAt } from '../kernel/json-fault.js';
import { describeError } from '../kernel/logger.js';
import { problemHeaders, toProblem } from '../kernel/problem.js';
import { nameRefusal } from './access-log.js';
import { BODY_FAULT, hasBody } from './json-body.js';
import { sendRefusalPage } from './refusal-page.js';
import { requestIdOf } from './request-id.js';

/** The one place that answers errors at this door, whatever threw them. */
export function answerErrors(gatehouse: Gatehouse): ErrorRequestHandler {
  const { log } = gatehouse;
  return (thrown, request, response, _next) => {
    const error = translate(thrown);
    const requestId = requestIdOf(response);
    nameRefusal(response, error.code);
    if (error.code === 'INTERNAL') log.error('request failed', { requestId, ...describeError(thrown) });
    else if (error.status >= 500) log.warn('request refused', { requestId, ...describeError(error) });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const headers = problemHeaders(error, requestId);
    for (let index = 0; index < headers.length; index += 2)
      response.setHeader(headers[index] as string, headers[index + 1] as string);
    // What is left of a body that nobody reads would be taken for the next request. `complete` alone does not tell:
    // while the head is handled it is false for requests without a body, too.
    if ((hasBody(request) && !request.complete) || gatehouse.draining) response.setHeader('Connection', 'close');
    response.statusCode = error.status;
    if (sendRefusalPage(request, response, error, requestId)) return;
    response.end(request.method === 'HEAD' ? undefined : JSON.stringify(toProblem(error, requestId)));
  };
}

/** Errors of Express and body-parser carry a `type` and a status of their own; everything unknown is ours to answer for. */
function translate(thrown: unknown): GatehouseError {
  if (isGatehouseError(thrown)) return thrown;
  const { type, status, body } = thrown as { type?: string; status?: number; body?: unknown };
  switch (type) {
    case 'entity.parse.failed':
      return new GatehouseError(
        'BAD_REQUEST',
        `The body is not a JSON object${typeof body === 'string' ? ` (at character ${jsonFaultAt(body)})` : ''}.`,
      );
    case 'entity.too.large':
      return new GatehouseError('PAYLOAD_TOO_LARGE', 'The body is larger than this route accepts.');
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new GatehouseError(
        'UNSUPPORTED_MEDIA_TYPE',
        'Send the body as UTF-8 JSON, plain or with gzip, deflate or br.',
      );
    case BODY_FAULT.tooDeep:
      return new GatehouseError('BAD_REQUEST', 'The body is nested deeper than 32 levels.');
    case BODY_FAULT.notUtf8:
      return new GatehouseError('BAD_REQUEST', 'The body is not valid UTF-8.');
  }
  if (thrown instanceof URIError)
    return new GatehouseError('BAD_REQUEST', 'The path holds a % that begins no character.');
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new GatehouseError('BAD_REQUEST', 'The request could not be read.');
  return new GatehouseError('INTERNAL', 'Something went wrong here. The log has more under this request id.', {
    cause: thrown,
  });
}
