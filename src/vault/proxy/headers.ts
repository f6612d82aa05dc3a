import type { Scrubber } from '../../egress/scrubber.js';

type Headers = readonly (readonly [name: string, value: string])[];

/** Belong to one connection (RFC 9110 §7.6.1). */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
];

/** What tells a vendor about the caller, its network or its page, or is a secret of another place. */
const NOT_SENT = new Set([
  ...HOP_BY_HOP,
  'host',
  'authorization',
  'cookie',
  'origin',
  'referer',
  'via',
  'forwarded',
  'accept-encoding',
  'content-length',
  'client-ip',
  'true-client-ip',
  'http2-settings',
]);
const NOT_SENT_STARTS =
  /^(proxy-|x-forwarded|x-real-|x-original-|x-client-|x-cluster-|cf-|fly-|x-envoy-|sec-|x-gatehouse-)/;

/** What a vendor may not do to the origin its answer is served from, and what speaks of another connection. */
const NOT_RETURNED = new Set([
  ...HOP_BY_HOP,
  'set-cookie',
  'set-cookie2',
  'www-authenticate',
  'proxy-authenticate',
  'proxy-authentication-info',
  'alt-svc',
  'location',
  'refresh',
  'clear-site-data',
  'strict-transport-security',
  'public-key-pins',
  // Who may see an answer is decided at every call: no cache between may hand it on.
  'cache-control',
  'expires',
  'pragma',
  'age',
  'service-worker-allowed',
  'sourcemap',
  'x-sourcemap',
  'nel',
  'report-to',
  'reporting-endpoints',
  'x-content-type-options',
  'x-frame-options',
  'x-xss-protection',
  'x-dns-prefetch-control',
  'x-download-options',
  'x-permitted-cross-domain-policies',
  'referrer-policy',
  'origin-agent-cluster',
  'permissions-policy',
]);
const NOT_RETURNED_STARTS = /^(content-security-policy|access-control-|cross-origin-|x-gatehouse-)/;

/**
 * The caller's headers that go on to the vendor.
 * @param slots - headers that are slots for keys, in lower case: whatever they hold stays here
 */
export function headersToSend(rawHeaders: readonly string[], slots: ReadonlySet<string>): [string, string][] {
  const sent: [string, string][] = [];
  const named = new Set<string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    if ((rawHeaders[index] as string).toLowerCase() === 'connection')
      for (const name of (rawHeaders[index + 1] as string).split(',')) named.add(name.trim().toLowerCase());
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] as string).toLowerCase();
    if (NOT_SENT.has(name) || NOT_SENT_STARTS.test(name) || slots.has(name) || named.has(name)) continue;
    sent.push([name, rawHeaders[index + 1] as string]);
  }
  return sent;
}

/**
 * The vendor's headers that go back to the caller, without the secret. Its request id gets a name beside ours.
 * @param moved - links to the vendor become links to us: libraries follow them to the next page, with the caller's key
 */
export function headersToReturn(
  headers: Headers,
  scrubber: Scrubber,
  moved: { readonly from: string; readonly to: string },
): [string, string][] {
  const named = new Set(
    headers.flatMap(([name, value]) =>
      name.toLowerCase() === 'connection' ? value.split(',').map((entry) => entry.trim().toLowerCase()) : [],
    ),
  );
  return headers.flatMap(([name, value]): [string, string][] => {
    const lower = name.toLowerCase();
    if (NOT_RETURNED.has(lower) || NOT_RETURNED_STARTS.test(lower) || named.has(lower)) return [];
    const here = lower === 'link' ? value.replaceAll(`<${moved.from}/`, `<${moved.to}/`) : value;
    return [[lower === 'x-request-id' ? 'X-Upstream-Request-Id' : name, scrubber.header(here)]];
  });
}
