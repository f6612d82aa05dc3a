import { afterAll, beforeAll, expect, test } from 'vitest';
import { BILLING_CASES, BILLING_ROUTES, type BillingCaller, billingKeys } from '../support/billing.js';
import { type RunningGateway, startGateway, wire } from './gateway.js';

let gateway: RunningGateway;
let keys: Record<BillingCaller, string | null>;
beforeAll(async () => {
  gateway = await startGateway((_request, response) => response.end('app'), { routes: BILLING_ROUTES });
  keys = await billingKeys(gateway.house);
});
afterAll(() => gateway[Symbol.asyncDispose]());

test.each(BILLING_CASES)('G6: $method $path, $caller: $status', async ({ method, path, caller, status }) => {
  const key = keys[caller] === null ? '' : `x-api-key: ${keys[caller]}\r\n`;
  const before = gateway.seen.length;
  const { text } = await wire(gateway.url, `${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${key}\r\n`);
  expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(gateway.seen.length - before).toBe(status === 200 ? 1 : 0);
});
