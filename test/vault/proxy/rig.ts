import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttps, type Server } from 'node:https';
import { type AddressInfo, connect, createServer as createTcp } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { compileLanTargets, type EgressOptions } from '../../../src/egress/egress.js';
import { Scrubber } from '../../../src/egress/scrubber.js';
import { makeCertificates } from '../../support/certificates.js';
import { type RunningGatehouse, startGatehouse } from '../../support/gatehouse.js';
import { SAMPLES } from '../samples.js';

/** The vendors that types name, as a certificate can: one label for each star. */
const CERTIFICATES = makeCertificates(
  [
    'openai.com',
    'anthropic.com',
    'stripe.com',
    'github.com',
    'telegram.org',
    'googleapis.com',
    'trello.com',
    'slack.com',
  ]
    .concat(['linear.app', 'twilio.com', 'myshopify.com', 'facebook.com', 'discord.com', 'airtable.com', 'notion.com'])
    .concat(['resend.com', 'sendgrid.com', 'calendly.com', 'hubapi.com', 'polar.sh', 'example.com', 'vendor.test'])
    .flatMap((domain) => [domain, `*.${domain}`]),
);

export interface Seen {
  readonly method: string;
  readonly host: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answer = (request: Seen, response: ServerResponse) => unknown;

export interface Vendor {
  readonly port: number;
  readonly seen: Seen[];
  /** What its expectations threw. */
  readonly faults: unknown[];
  answer: Answer;
}

/** Some vendor, over TLS under every vendor's name. It remembers all it is sent. */
async function startVendor(): Promise<Vendor> {
  const vendor = {
    port: 0,
    seen: [] as Seen[],
    faults: [] as unknown[],
    answer: ((_request, response) => response.end('{}')) as Answer,
  };
  const server: Server = createHttps({ key: CERTIFICATES.key, cert: CERTIFICATES.cert }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const seen = { method, host: headers.host ?? '', url, headers, body: Buffer.concat(chunks).toString('latin1') };
      vendor.seen.push(seen);
      try {
        vendor.answer(seen, response);
      } catch (error) {
        vendor.faults.push(error);
        response.writeHead(500).end();
      }
    });
    response.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(vendor, { port: (server.address() as AddressInfo).port });
}

/** Stands between a client and Gatehouse and keeps every byte that goes down to the client. */
async function tap(port: number): Promise<{ port: number; down(): string }> {
  const chunks: Buffer[] = [];
  const server = createTcp((client) => {
    const upstream = connect(port, '127.0.0.1');
    client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy());
    upstream.on('data', (chunk: Buffer) => chunks.push(chunk));
    upstream.pipe(client);
    client.pipe(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, down: () => Buffer.concat(chunks).toString('latin1') };
}

export interface Rig {
  readonly gate: RunningGatehouse;
  readonly vendor: Vendor;
  /** Where clients call, watched. */
  readonly port: number;
  readonly url: string;
  /** A key of Gatehouse that may use the credential `name` and nothing else. */
  readonly key: string;
  readonly keyId: string;
  readonly credentialId: string;
  /** `<url>/p/demo/<name>` */
  readonly proxy: string;
  /** Every byte that clients were sent so far. */
  down(): string;
}

export interface RigOptions {
  readonly type: string;
  readonly name?: string;
  readonly fields?: object;
  readonly more?: object;
  readonly settings?: Record<string, string>;
  readonly egress?: EgressOptions;
}

/** The secret texts of the sample of a type. */
export const secretsOf = (type: string): string[] =>
  Object.entries(SAMPLES[type] ?? {}).flatMap(([name, value]) =>
    /key|token|secret|password/i.test(name) && typeof value === 'string' && name !== 'apiKeySid' ? [value] : [],
  );

/**
 * A Gatehouse with one credential, a vendor behind it, and a client's side that is watched. When the test ends, the
 * vendor must not have seen the caller's key, and no client the vendor's, in any form.
 */
export async function startRig({
  type,
  name = type.replaceAll('_', '-'),
  fields = {},
  more = {},
  settings = {},
  egress = {},
}: RigOptions): Promise<Rig> {
  const vendor = await startVendor();
  const lan = compileLanTargets(['127.0.0.0/8']);
  const gate = await startGatehouse(
    { API_RATE_LIMIT: 'off', ...settings },
    {
      files: { 'demo/a.txt': 'a', 'other/b.txt': 'b' },
      egress: {
        ca: [CERTIFICATES.ca],
        allow: () => lan,
        lookup: async () => [{ address: '127.0.0.1', family: 4, port: vendor.port }],
        ...egress,
      },
    },
  );
  onTestFinished(() => gate[Symbol.asyncDispose]());
  const made = await gate.local('/api/workspaces/demo/credentials', {
    body: { name, type, fields: { ...SAMPLES[type], ...fields }, ...more },
  });
  expect(made.status, made.text).toBe(201);
  const { key, token } = await gate.createKey({ scopes: ['credentials:use'], credentialIds: [`demo/${name}`] });
  const watched = await tap(Number(new URL(gate.url).port));
  const url = `http://127.0.0.1:${watched.port}`;
  onTestFinished(() => {
    for (const fault of vendor.faults) throw fault;
    const asked = vendor.seen.map((seen) => JSON.stringify(seen)).join('\n');
    const probe = new Scrubber([token]);
    probe.text(asked);
    expect(probe.echoes, 'the vendor saw a key of Gatehouse').toBe(0);
    const shown = watched.down();
    const secrets = Object.values({ ...SAMPLES[type], ...fields }).filter((value) =>
      secretsOf(type).includes(value as string),
    );
    for (const text of [shown, shown.replace(/\r\n[0-9a-f]+\r\n/g, ''), gate.logs()]) {
      const net = new Scrubber(secrets as string[]);
      net.header(text);
      expect(net.echoes, "a client or the log saw the vendor's key").toBe(0);
    }
  });
  return {
    gate,
    vendor,
    port: watched.port,
    url,
    key: token,
    keyId: key.id,
    credentialId: made.json.credential.id,
    proxy: `${url}/p/demo/${name}`,
    down: watched.down,
  };
}
