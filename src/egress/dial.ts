import { isIP, connect as netConnect, type Socket } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { LanTargets } from './lan.js';
import { type Reach, reachOf } from './reach.js';
import { refused, timedOut, translate } from './refusals.js';
import { tlsOptions } from './start-tls.js';

export interface Answered {
  readonly address: string;
  readonly family: number;
  /** Another port than the one that is asked for, as SRV records tell; left out: that one. */
  readonly port?: number;
}

/** Every address of a name, as `dns.promises.lookup(name, { all: true })` gives them. */
export type Lookup = (hostname: string) => Promise<readonly Answered[]>;

export interface DialOptions {
  readonly lookup: Lookup;
  /** Roots besides the usual ones, as PEM. */
  readonly ca: readonly string[];
}

export interface Target {
  /** A name or an address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** A self-signed certificate is accepted: for a mail server of one's own that says so. */
  readonly anyCertificate?: boolean;
  /** Offered in TLS (ALPN). */
  readonly protocols?: readonly string[];
  readonly lan: LanTargets;
  readonly timeoutMs: number;
}

/** For mail servers among themselves: an open way to it is a way to send spam. */
const RELAY_PORT = 25;

/** Names of metadata services, whatever they resolve to here. */
const METADATA_NAMES = /^(metadata|instance-data)(\.google\.internal|\.goog|\.ec2\.internal|\.internal)?$/;

/**
 * Connects, having checked where to. The name is resolved once, all its addresses are checked, one bad address refuses
 * the call, and the connection goes to a checked address: a name that answers differently the second time is not asked
 * a second time. The name stays what the certificate is checked against.
 * @throws GatehouseError `EGRESS_REFUSED`, `UPSTREAM_UNREACHABLE`, `UPSTREAM_TIMEOUT`
 */
export async function dial({ lookup, ca }: DialOptions, target: Target): Promise<Socket | TLSSocket> {
  const { port, tls, lan, timeoutMs } = target;
  const host = hostOf(target.host);
  const deadline = performance.now() + timeoutMs;
  const addresses = await within(timeoutMs, host, resolve(lookup, host));
  for (const { address } of addresses) requireReach(reachOf(address), host, port, address, lan);
  const left = Math.max(1, deadline - performance.now());
  const where = {
    host,
    // One for all: whoever tells another port tells it for each of its addresses.
    port: addresses[0]?.port ?? port,
    // Not called for literals, which `resolve` has handled.
    lookup: (_name: string, _options: unknown, done: (error: null, all: readonly Answered[]) => void) =>
      done(null, addresses),
    autoSelectFamily: true,
  };
  const socket = tls
    ? tlsConnect({
        ...(where as object),
        port: where.port,
        ...tlsOptions(host, { ca, anyCertificate: target.anyCertificate === true }),
        ...(target.protocols === undefined ? {} : { ALPNProtocols: [...target.protocols] }),
      })
    : netConnect({ ...(where as object), host, port: where.port });
  await untilConnected(socket, tls ? 'secureConnect' : 'connect', host, left);
  // The socket's own word, whatever happened on the way to it.
  const peer = socket.remoteAddress ?? '';
  try {
    requireReach(reachOf(peer), host, port, peer, lan);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  socket.setNoDelay(true).setKeepAlive(true, 60_000);
  return socket;
}

/** Lower case, and without the dot that ends a full name: `localhost.` is `localhost`. */
export function hostOf(name: string): string {
  const host = name.toLowerCase().replace(/\.$/, '');
  if (!/^[a-z0-9_.:-]{1,253}$/.test(host)) throw refused('The host is not a name or an address.');
  if (METADATA_NAMES.test(host)) throw refused(`${host} is a metadata service and never called.`);
  return host;
}

async function resolve(lookup: Lookup, host: string): Promise<readonly Answered[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  const all = await lookup(host).catch((error) => {
    throw translate(host, error);
  });
  if (all.length === 0) throw translate(host, { code: 'ENOTFOUND' });
  return all;
}

function requireReach(reach: Reach, host: string, port: number, address: string, lan: LanTargets): void {
  if (reach === 'public' && port !== RELAY_PORT) return;
  if (reach !== 'never' && lan.admits(host, port, address)) return;
  if (reach === 'public')
    throw refused(`Port ${RELAY_PORT} of public hosts is not called. Mail is handed in at 465 or 587.`);
  // The address itself stays untold: it would draw a map of the network for whoever asks.
  throw refused(
    reach === 'never'
      ? `${host} leads to an address that is never called: link-local, metadata or none at all.`
      : `${host} leads to an address that is not on the public internet. An operator can allow it for this workspace.`,
  );
}

function untilConnected(socket: Socket, event: string, host: string, timeoutMs: number): Promise<void> {
  return new Promise((settle, reject) => {
    const fail = (error: unknown) => {
      clearTimeout(timer);
      socket.destroy();
      reject(translate(host, error));
    };
    const timer = setTimeout(() => fail({ code: 'ETIMEDOUT' }), timeoutMs);
    socket.once('error', fail);
    socket.once(event, () => {
      clearTimeout(timer);
      socket.removeListener('error', fail);
      settle();
    });
  });
}

function within<T>(timeoutMs: number, host: string, work: Promise<T>): Promise<T> {
  return new Promise((settle, reject) => {
    const timer = setTimeout(() => reject(timedOut(host, 'was not resolved in time')), timeoutMs);
    work.then(settle, reject).finally(() => clearTimeout(timer));
  });
}
