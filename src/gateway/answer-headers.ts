import type { IncomingMessage } from 'node:http';

/** What belongs to one connection and goes no further (RFC 9110 §7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** Ours in any spelling: `_` and `.` stand for `-` to some readers. */
const OURS = /^x[-_.]gatehouse([-_.]|$)/i;

/**
 * The headers of the app's answer as they go on: in their order, repeated ones repeated, values untouched. Left out is
 * what belongs to the connection, what `Connection` names, and what only Gatehouse may say.
 * @param keepsTrailers - whether trailers can follow; if not, none may be announced
 */
export function answerHeaders({ rawHeaders, headers }: IncomingMessage, keepsTrailers: boolean): string[] {
  const named = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  return pick(rawHeaders, (name) => {
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || named.has(lower) || OURS.test(name)) return false;
    return keepsTrailers || lower !== 'trailer';
  });
}

/** Fields that are about the message itself mean nothing behind it (RFC 9110 §6.5.1), and ours are not the app's to say. */
const NO_TRAILER = new Set([
  ...HOP_BY_HOP,
  'content-length',
  'content-encoding',
  'content-type',
  'host',
  'trailer',
  'set-cookie',
]);

/** Fields behind a body that may go on, in pairs. */
export function trailersOf(rawTrailers: readonly string[]): [string, string][] {
  const kept = pick(rawTrailers, (name) => !NO_TRAILER.has(name.toLowerCase()) && !OURS.test(name));
  return Array.from({ length: kept.length / 2 }, (_, index) => [kept[2 * index] ?? '', kept[2 * index + 1] ?? '']);
}

function pick(raw: readonly string[], keeps: (name: string) => boolean): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] as string;
    if (keeps(name)) kept.push(name, raw[index + 1] as string);
  }
  return kept;
}
