import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { compileLanTargets, type EgressOptions } from '../../src/egress/egress.js';
import { makeCertificates } from '../support/certificates.js';

export interface StandIn extends AsyncDisposable {
  /** Leads every outbound call here. */
  readonly egress: EgressOptions;
  /** What the next calls are answered with. */
  status: number;
  readonly seen: { readonly host: string; readonly authorization: string }[];
}

/** Some vendor over TLS, under the names of these hosts. */
export async function startVendor(hosts: readonly string[]): Promise<StandIn> {
  const certificates = makeCertificates(hosts);
  const seen: StandIn['seen'] = [];
  const server = createServer({ key: certificates.key, cert: certificates.cert }, (request, response) => {
    seen.push({ host: request.headers.host ?? '', authorization: request.headers.authorization ?? '' });
    response.writeHead(standIn.status, { 'content-type': 'application/json' }).end('{"echo":"of the vendor"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const lan = compileLanTargets(['127.0.0.0/8']);
  const standIn: StandIn = {
    egress: {
      ca: [certificates.ca],
      allow: () => lan,
      lookup: async () => [{ address: '127.0.0.1', family: 4, port }],
    },
    status: 200,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return standIn;
}
