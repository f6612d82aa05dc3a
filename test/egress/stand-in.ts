import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import {
  compileLanTargets,
  createEgress,
  type Egress,
  type EgressOptions,
  type Lookup,
} from '../../src/egress/egress.js';
import { makeCertificates } from '../support/certificates.js';

export const CERTIFICATES = makeCertificates(['vendor.test', '*.vendor.test', '127.0.0.1', '::1']);

export interface StandIn {
  readonly port: number;
  readonly server: Server;
}

/** A server of some other party, over TLS unless told otherwise. */
export async function standIn(answer: RequestListener, { tls = true, host = '127.0.0.1' } = {}): Promise<StandIn> {
  const server = tls ? createHttps({ key: CERTIFICATES.key, cert: CERTIFICATES.cert }, answer) : createHttp(answer);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, server };
}

/** Every name is this machine. */
export const toLoopback: Lookup = async () => [{ address: '127.0.0.1', family: 4 }];

/** An egress that knows the test root and lets every workspace call this machine, unless told otherwise. */
export function testEgress(options: EgressOptions & { lan?: readonly string[] } = {}): Egress {
  const lan = compileLanTargets(options.lan ?? ['127.0.0.0/8', '::1']);
  const egress = createEgress({ lookup: toLoopback, ca: [CERTIFICATES.ca], allow: () => lan, ...options });
  onTestFinished(() => egress.close());
  return egress;
}
