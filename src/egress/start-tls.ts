import { once } from 'node:events';
import { isIP, type Socket } from 'node:net';
import { rootCertificates, type TLSSocket, connect as tlsConnect } from 'node:tls';
import { timedOut, translate } from './refusals.js';

/** How the certificate of the other side is judged. */
export interface Trust {
  /** Roots besides the usual ones, as PEM. */
  readonly ca: readonly string[];
  /** A self-signed certificate is accepted: for a mail server of one's own that says so. */
  readonly anyCertificate: boolean;
}

/** The TLS options that hold for every connection out: name checked, certificate checked whatever the environment says. */
export function tlsOptions(host: string, { ca, anyCertificate }: Trust) {
  return {
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca.length === 0 ? {} : { ca: [...rootCertificates, ...ca] }),
    // Said aloud, or NODE_TLS_REJECT_UNAUTHORIZED could take it away.
    rejectUnauthorized: !anyCertificate,
  };
}

/**
 * TLS over a connection that stands (STARTTLS). The connection was checked when it was made.
 * @throws GatehouseError `UPSTREAM_UNREACHABLE` for a certificate that is not good, or a side that hangs up;
 *   `UPSTREAM_TIMEOUT`
 */
export async function startTls(socket: Socket, host: string, trust: Trust, timeoutMs: number): Promise<TLSSocket> {
  const secured = tlsConnect({ ...tlsOptions(host, trust), socket });
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    await once(secured, 'secureConnect', { signal });
    return secured;
  } catch (error) {
    secured.on('error', () => {}).destroy();
    throw signal.aborted ? timedOut(host, 'did not begin TLS in time') : translate(host, error);
  }
}
