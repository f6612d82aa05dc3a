import type { AddressTrace } from '../../../contract/settings.js';

/** What stands between this browser and Gatehouse, as the trace of its own address tells. */
export type Between =
  /** Nobody says that they forward. */
  | { readonly kind: 'direct'; readonly peer: string }
  /** A proxy that is trusted, and says for whom it asks. */
  | { readonly kind: 'known'; readonly peer: string }
  /** Somebody says that they forward, and is not believed. `trustProxy`: what would believe them. */
  | { readonly kind: 'unknown'; readonly peer: string; readonly forwardedFor: string; readonly trustProxy: string }
  /** Trusted, and of no use as it is; the server says why. */
  | { readonly kind: 'wrong'; readonly advice: string };

const FORWARDS = ['x-forwarded-for', 'x-real-ip'];
const THIS_MACHINE = /^(127\.|::1$|::ffff:127\.)/;

export function betweenOf({ hops, headers, advice, trustProxy }: AddressTrace): Between {
  const peer = hops[0]?.address ?? null;
  const forwarded = headers.find(({ name }) => FORWARDS.includes(name));
  if (peer !== null && hops[0]?.trusted !== true)
    return forwarded === undefined
      ? { kind: 'direct', peer }
      : { kind: 'unknown', peer, forwardedFor: forwarded.value, trustProxy: trusting(trustProxy, peer) };
  return advice === null ? { kind: 'known', peer: peer ?? '' } : { kind: 'wrong', advice };
}

/** `TRUST_PROXY` with one more proxy. A number of hops stands alone and is replaced. */
function trusting(before: string | null, peer: string): string {
  const known = before === null || /^(none|\d+)?$/.test(before.trim()) ? [] : [before];
  return [...known, THIS_MACHINE.test(peer) ? 'loopback' : peer].join(',');
}

/**
 * Whether `PUBLIC_URL` is the address that was opened. On the machine itself that says nothing of others: `local` is
 * not set, `aside` is set.
 */
export type Named = 'same' | 'other' | 'unset' | 'local' | 'aside';

/** Whether nothing is left to set. */
export const isNamed = (named: Named): boolean => named !== 'other' && named !== 'unset';

export function namedOf(publicUrl: string | null, opened: string): Named {
  if (publicUrl?.replace(/\/$/, '') === opened) return 'same';
  const isLocal = /^(localhost|127\..*|\[::1\])$/.test(new URL(opened).hostname);
  if (publicUrl === null) return isLocal ? 'local' : 'unset';
  return isLocal ? 'aside' : 'other';
}
