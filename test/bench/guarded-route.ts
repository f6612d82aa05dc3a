import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type RequestHandler } from 'express';
import type { Gatehouse } from '../../src/gatehouse.js';
import { guardExpress } from '../../src/guard/adapters/express.js';
import { cpuPerRequest, ownCpuMicroseconds } from './cpu.js';
import { type Line, median } from './statistics.js';

const ROUNDS = 15;

/** The same Express route bare and behind the guard: CPU time a request, in interleaved rounds of one process. */
export async function guardedRoute(gatehouse: Gatehouse, token: string): Promise<Line> {
  const answer: RequestHandler = (_request, response) => {
    response.json({ ok: true });
  };
  const bare = await listen(express().get('/thing', answer));
  const guard = guardExpress(gatehouse.guard, 'whoami', 'tcp', () => 'req_bench');
  const guarded = await listen(express().get('/thing', guard, answer));
  const cost = { bare: [] as number[], guarded: [] as number[] };
  for (let round = -2; round < ROUNDS; round += 1) {
    const order = round % 2 === 0 ? (['bare', 'guarded'] as const) : (['guarded', 'bare'] as const);
    for (const name of order) {
      const microseconds = await cpuPerRequest({
        port: portOf(name === 'bare' ? bare : guarded),
        path: '/thing',
        headers: [`x-api-key: ${token}`, 'Accept: */*', 'User-Agent: bench'],
        cpuMicroseconds: ownCpuMicroseconds,
      });
      // The first rounds warm the compiler up.
      if (round >= 0) cost[name].push(microseconds);
    }
  }
  bare.close();
  guarded.close();
  const ratio = median(cost.guarded.map((value, index) => value / (cost.bare[index] ?? Number.NaN)));
  const notes = `${median(cost.guarded).toFixed(1)} µs against ${median(cost.bare).toFixed(1)} µs of CPU a request, 100,000 keys stored`;
  return { what: 'guarded Express route ÷ the same route bare', measured: ratio, unit: '×', hold: 1.25, notes };
}

async function listen(handler: express.Express): Promise<Server> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;
