import { Scrubber } from '../../egress/scrubber.js';
import type { OpenForTest } from '../credential-source.js';
import { type AuthChanges, applyAuth, authOf } from '../credential-types/auth.js';
import type { HttpTest } from '../credential-types/schema.js';
import { fill, hostOf, pathSegment } from '../credential-types/template.js';
import type { EgressCall } from '../egress-call.js';
import { type Found, found, judgeAnswer, judgeFailure } from './outcome.js';

/** Asks the vendor's cheapest read-only call with the credential in its slot, just as the proxy would send it. */
export async function testOverHttp(opened: OpenForTest, test: HttpTest, call: EgressCall): Promise<Found> {
  const { exchange, type, fields } = opened;
  try {
    let changes: AuthChanges;
    if (exchange === null) changes = authOf(type, fields);
    else {
      const result = await opened.exchangeNow(call);
      if (result.kind === 'unusable') return found('invalid', `It cannot be used: ${result.reason}`);
      if (result.kind === 'refused') return judgeExchange(test, result.host, result.status);
      // For some types the exchange is the test: there is no cheap call that needs nothing else.
      if (test.baseUrl !== undefined) return found('ok', `${hostOf(test.baseUrl)} gave a token for it`);
      changes = authOf(type, fields, { access_token: result.token.token });
    }
    const url = testUrl(opened, test);
    if (url === null) return found('unknown', 'It has no test path, so nobody was asked');
    const body = test.body === undefined ? null : JSON.stringify(test.body);
    const sent = new Map(body === null ? [] : [['content-type', 'application/json'] as const]);
    const request = applyAuth(changes, { url, headers: sent }, opened.baseUrl ?? '');
    // What a type asks for itself, such as Discord's user agent, stands there by now.
    const headers = new Map([['accept', 'application/json'], ['user-agent', 'Gatehouse/1.0'], ...request.headers]);
    const { status, text } = await call({ method: test.method, url: request.url.href, headers, body });
    const scrubber = new Scrubber([...new Set([...opened.secrets, ...changes.secrets])]);
    return { ...judgeAnswer(test, hostOf(url), status, text), status, reply: scrubber.text(text) };
  } catch (error) {
    return judgeFailure(error);
  }
}

function judgeExchange(test: HttpTest, host: string, status: number): Found {
  const refusals = test.baseUrl === undefined ? [400, 401, 403] : (test.invalidStatus ?? []);
  const judged = refusals.includes(status)
    ? found('invalid', `${host} gives no token for it (${status})`)
    : found('unknown', `${host} answers ${status}, which says nothing about the credential`);
  return { ...judged, status };
}

function testUrl({ baseUrl, fields }: OpenForTest, test: HttpTest): URL | null {
  // A path that is one field whole is a path; in every other template a value is one segment of it.
  const whole = /^\{\w+\}$/.test(test.path);
  const path = fill(test.path, fields, whole ? undefined : pathSegment);
  return baseUrl === null || path === null ? null : new URL(`${baseUrl}${path}`);
}
