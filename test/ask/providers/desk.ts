import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { AskAnswer } from '../../../src/contract/ask.js';
import { compileLanTargets } from '../../../src/egress/egress.js';
import { makeCertificates } from '../../support/certificates.js';
import { type Answer, type RunningGatehouse, startGatehouse } from '../../support/gatehouse.js';
import { anthropicMessages } from './anthropic-messages.js';
import { chatCompletions } from './chat-completions.js';
import { gemini } from './gemini.js';
import { openaiResponses } from './openai-responses.js';
import type { Read, Seen, Wire } from './wire.js';

export const WIRES: readonly Wire[] = [openaiResponses, anthropicMessages, gemini, chatCompletions];

const CERTIFICATES = makeCertificates([
  'api.openai.com',
  'api.anthropic.com',
  'generativelanguage.googleapis.com',
  'own.vendor.test',
]);

/** A call to the model, as the stand-in has it in hand. */
export interface Call {
  readonly seen: Seen;
  readonly read: Read;
  readonly response: ServerResponse;
  /** Streams these pieces, and ends well. */
  say(...pieces: string[]): void;
  /** The head and the beginning of a stream. */
  begin(): void;
  write(text: string): void;
}

export interface StandIn {
  readonly port: number;
  readonly seen: Seen[];
  readonly read: Read[];
  /** What was not as the vendor documents it. */
  readonly faults: unknown[];
  /** What the model does; default: says `The fee is capped [1].`. */
  answer: (call: Call) => unknown;
  /** Resolves when a connection that was answering is closed from the other side. */
  readonly closed: Promise<void>;
}

/** Some provider that speaks `wire`, over TLS under every provider's name. */
export async function startProvider(wire: Wire): Promise<StandIn> {
  let tellClosed = () => {};
  const standIn = {
    port: 0,
    seen: [] as Seen[],
    read: [] as Read[],
    faults: [] as unknown[],
    answer: (call: Call) => call.say('The fee is ', 'capped [1].') as unknown,
    closed: new Promise<void>((resolve) => {
      tellClosed = resolve;
    }),
  };
  const server: Server = createServer({ key: CERTIFICATES.key, cert: CERTIFICATES.cert }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const { method = '', url = '', headers } = request;
      const json = text === '' ? null : JSON.parse(text);
      const seen: Seen = { method, host: headers.host ?? '', path: url, headers, text, json };
      standIn.seen.push(seen);
      try {
        if (method === 'GET' && url === '/v1/models')
          return void response
            .setHeader('content-type', 'application/json')
            .end(JSON.stringify({ object: 'list', data: [{ id: 'qwen3:8b', object: 'model' }] }));
        const read = wire.read(seen);
        standIn.read.push(read);
        response.once('close', () => {
          if (!response.writableFinished) tellClosed();
        });
        const begin = () => {
          response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
          response.write(wire.begin(read.model));
        };
        await standIn.answer({
          seen,
          read,
          response,
          begin,
          write: (piece) => void response.write(piece),
          say(...pieces) {
            begin();
            for (const piece of pieces) response.write(wire.piece(piece));
            response.end(wire.end({ input: 900, output: 30 }));
          },
        });
      } catch (error) {
        standIn.faults.push(error);
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
  return Object.assign(standIn, { port: (server.address() as AddressInfo).port });
}

export interface ModelDesk {
  readonly gate: RunningGatehouse;
  readonly provider: StandIn;
  readonly credentialId: string;
  /** Of a caller who may ask with the credential. */
  readonly key: string;
  ask(body?: Record<string, unknown>): Promise<Answer & { readonly json: AskAnswer }>;
}

export const FEES = `/** What a late book costs. */
export function overdueFee(days: number): number {
  // The fee is capped.
  return Math.min(days * 25, 1500);
}
`;
export const QUESTION = 'How is the overdue fee computed?';

/** A Gatehouse with a workspace `demo`, one credential in it, and the stand-in behind that. */
export async function openModelDesk(
  wire: Wire,
  { files = { 'demo/src/fees.ts': FEES } }: { files?: Record<string, string> } = {},
): Promise<ModelDesk> {
  const provider = await startProvider(wire);
  const lan = compileLanTargets(['127.0.0.0/8']);
  const gate = await startGatehouse(
    { API_RATE_LIMIT: 'off' },
    {
      files,
      egress: {
        ca: [CERTIFICATES.ca],
        allow: () => lan,
        lookup: async () => [{ address: '127.0.0.1', family: 4, port: provider.port }],
      },
    },
  );
  onTestFinished(() => gate[Symbol.asyncDispose]());
  const { json } = await gate.local('/api/workspaces/demo/credentials', {
    body: { name: 'model', type: wire.type, fields: wire.fields },
  });
  const credentialId = json.credential.id as string;
  const { token: key } = await gate.createKey({
    scopes: ['ask:run', 'credentials:use', 'jobs:read', 'jobs:write', 'projects:read'],
    credentialIds: [credentialId],
  });
  return {
    gate,
    provider,
    credentialId,
    key,
    ask: (body = {}) =>
      gate.call('/api/ask', { key, body: { workspaceId: 'demo', question: QUESTION, credentialId, ...body } }),
  };
}

/** The events of a stream that has ended. */
export function eventsIn(text: string): { id: number; event: string; data: Record<string, unknown> }[] {
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('id: '))
    .map((block) => {
      const [id = '', event = '', data = ''] = block.split('\n').map((line) => line.slice(line.indexOf(': ') + 2));
      return { id: Number(id), event, data: JSON.parse(data) };
    });
}
