import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { listenTcp, PATIENCE } from '../../src/http/server.js';
import { ownCpuMicroseconds } from './cpu.js';
import { instance } from './instance.js';
import { type PeerName, startPeer } from './peers.js';

/** What one process serves. */
export type Role =
  | { readonly kind: 'gatehouse'; readonly keys: number; readonly settings: Record<string, string> }
  /** `spinNs`: so many nanoseconds of work that comes to nothing, before each answer. */
  | { readonly kind: 'bare'; readonly answer: readonly string[]; readonly spinNs: number }
  | { readonly kind: 'express'; readonly answer: readonly string[] }
  | { readonly kind: 'peer'; readonly name: PeerName; readonly folder: string };

/** Where a contender listens, and what a good request to it is. */
export interface Ready {
  readonly port: number;
  readonly path: string;
  readonly credential: string | null;
}

// One server in a process of its own, which tells its CPU time when it is asked: beside another one its heap, its caches
// and what the compiler knows of Node's own objects would be the other's too.

async function start(role: Role): Promise<Ready & { close?: () => Promise<void> }> {
  const path = '/api/verify';
  switch (role.kind) {
    case 'gatehouse': {
      const { gatehouse, tokens, close } = await instance(role.keys, role.settings);
      const { url } = await listenTcp(gatehouse);
      return { port: Number(new URL(url).port), path, credential: `x-api-key: ${tokens[0]}`, close };
    }
    case 'bare':
      return { port: await listen(bare(role)), path, credential: null };
    case 'express':
      return { port: await listen(plainExpress(role)), path, credential: null };
    case 'peer':
      return startPeer(role.name, role.folder, listen);
  }
}

function bare({ answer, spinNs }: Role & { kind: 'bare' }): RequestListener {
  const send: RequestListener = (_request, response) => {
    response.writeHead(204, answer as string[]);
    response.end();
  };
  if (spinNs === 0) return send;
  const turns = spinNs * turnsPerNs();
  return (request, response) => {
    spin(turns);
    send(request, response);
  };
}

function plainExpress({ answer }: Role & { kind: 'express' }): RequestListener {
  const app = express();
  app.get('/api/verify', (_request, response) => {
    for (let at = 0; at < answer.length; at += 2) response.set(answer[at] as string, answer[at + 1] as string);
    response.status(204).end();
  });
  return app;
}

let sink = 0;

function spin(turns: number): void {
  let number = sink;
  for (let turn = 0; turn < turns; turn += 1) number = (Math.imul(number, 1103515245) + 12345) | 0;
  sink = number;
}

function turnsPerNs(): number {
  let turns = 10_000;
  for (let round = 0; round < 5; round += 1) {
    const before = ownCpuMicroseconds();
    for (let time = 0; time < 10_000; time += 1) spin(turns);
    const ns = (ownCpuMicroseconds() - before) / 10;
    if (round === 4) return turns / ns;
    turns = Math.round(Math.min(turns, (turns / ns) * 3000));
  }
  throw new Error('not reached');
}

/** The same patience with idle connections as Gatehouse has, since Node tells of it in a header line. */
async function listen(handler: RequestListener): Promise<number> {
  const server: Server = createServer({ keepAliveTimeout: PATIENCE.keepAliveTimeout }, handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const { close, ...ready } = await start(JSON.parse(process.argv[2] ?? '') as Role);
process.on('message', () => process.send?.(ownCpuMicroseconds()));
process.on('disconnect', () => void (close?.() ?? Promise.resolve()).finally(() => process.exit()));
process.send?.(ready);
