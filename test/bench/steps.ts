import { identityHeaders } from '../../src/guard/adapters/identity-headers.js';
import { findCredential, readHeaders } from '../../src/guard/credential.js';
import { DEFAULT_SLOTS } from '../../src/guard/policy.js';
import { countHit } from '../../src/guard/rate-limit.js';
import { sha256 } from '../../src/kernel/digest.js';
import { newRequestId } from '../../src/kernel/ids.js';
import { missingScopes } from '../../src/kernel/scopes.js';
import type { Instance } from './instance.js';
import { median } from './statistics.js';

const TIMES = 200_000;

/** What each step of a decision costs by itself, in a loop where all caches are warm. Nanoseconds of CPU. */
export function steps({ gatehouse, tokens }: Instance): string {
  const token = tokens[0] ?? '';
  const raw = ['Host', 'h', 'x-api-key', token, 'X-Forwarded-Method', 'GET', 'X-Forwarded-Uri', '/orders/7?page=2'];
  raw.push('X-Forwarded-Host', 'app.example.com', 'X-Forwarded-For', '203.0.113.9', 'Accept', '*/*');
  const headers = readHeaders(raw);
  const policy = gatehouse.upstream.match('GET', '/orders/7', 'app.example.com');
  const facts = {
    door: 'tcp',
    peerAddress: '127.0.0.1',
    rawHeaders: raw,
    headers,
    method: 'GET',
    requestId: 'r',
    named: null,
  } as const;
  const verdict = gatehouse.guard.decide(facts, policy);
  if (!verdict.allow) throw verdict.error;
  const { principal } = verdict;
  const window = { startMs: 0, count: 0 };
  const parts: [string, () => unknown][] = [
    ['a request id', newRequestId],
    ['reading the headers', () => readHeaders(raw)],
    ['path and route', () => gatehouse.upstream.match('GET', '/orders/7?page=2', 'app.example.com')],
    ['1, 2: address and lists, known already', () => gatehouse.clients.resolve('127.0.0.1', '203.0.113.9', undefined)],
    ['3: finding the credential', () => findCredential(headers, DEFAULT_SLOTS)],
    ['4: SHA-256 of the key', () => sha256(token)],
    ['7: counting', () => countHit(window, { requests: 1e9, windowSeconds: 3600 }, 1)],
    ['8: scopes', () => missingScopes(principal.scopes, ['ask:run'])],
    ['the whole decision', () => gatehouse.guard.decide(facts, policy)],
    ['identity headers', () => identityHeaders(principal, 'req', 'none')],
    ['the assertion, at hand', () => gatehouse.assertions.current(principal, 'app.example.com')],
  ];
  const rows = parts.map(([name, run]) => `| ${name} | ${cost(run).toFixed(0)} |`);
  return ['| step | ns |', '| --- | --- |', ...rows].join('\n');
}

let sink: unknown;

function cost(run: () => unknown): number {
  const rounds: number[] = [];
  for (let round = -2; round < 7; round += 1) {
    const before = process.cpuUsage();
    for (let time = 0; time < TIMES; time += 1) sink = run();
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) rounds.push(((user + system) * 1000) / TIMES);
  }
  return sink === null ? Number.NaN : median(rounds);
}
