import { request as httpRequest, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Gatehouse } from '../../src/gatehouse.js';
import { createVerifyDoor } from '../../src/http/verify.js';
import { cpuPerRequest } from './cpu.js';
import { startNginxMap } from './nginx-map.js';
import { listen, type Peer, peers } from './peers.js';
import { type Line, median } from './statistics.js';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 31);
const FACTS = [
  'X-Forwarded-Method: GET',
  'X-Forwarded-Uri: /orders/7?page=2',
  'X-Forwarded-Host: app.example.com',
  'X-Forwarded-Proto: https',
  'X-Forwarded-For: 203.0.113.9',
  'User-Agent: bench',
  'Accept: */*',
];

type Contender = Peer;

/** What the door for proxies is measured with: an instance, and a key that it knows. */
export interface Keyed {
  readonly gatehouse: Gatehouse;
  readonly tokens: readonly string[];
}

/**
 * `/api/verify` against a bare `node:http` server that sends the same status and header lines and checks nothing, a bare
 * Express 5 route, and what others do with a key. CPU time a request, in interleaved rounds of one process.
 */
export async function verifyDoor({
  few,
  many,
  listed,
}: {
  few: Keyed;
  many: Keyed;
  listed: Keyed;
}): Promise<{ lines: Line[]; remarks: string[] }> {
  const token = many.tokens[0] ?? '';
  const doors = [
    await doorOf('verify', many),
    await doorOf('verify, 100 keys', few),
    await doorOf('verify, 10 networks', listed),
  ] as const;
  const answer = await answerOf(doors[0]);
  const bare = await contender('bare node:http', doors[0], (_request, response) => {
    response.writeHead(204, answer);
    response.end();
  });
  const own = await race([...doors, bare]);

  // After those above and not in turn with them: beside Express, which gives Node's own objects other prototypes, a bare
  // server is dearer too.
  const app = express();
  app.get('/api/verify', (_request, response) => {
    for (let at = 0; at < answer.length; at += 2) response.set(answer[at] as string, answer[at + 1] as string);
    response.status(204).end();
  });
  const others = await peers(process.env['BENCH_PEERS'], token);
  const plain = await contender('bare Express 5 route', doors[0], app);
  const express5 = await race([plain]);
  const rivals = others.peers.map(asContender);
  const foreign = await race([doors[0], ...rivals]);
  for (const { server } of [...doors, bare, plain, ...rivals]) server.close();

  const line = (what: string, costs: Costs, left: string, right: string, hold: number): Line => {
    const [ours, theirs] = [costs.get(left) ?? [], costs.get(right) ?? []];
    const ratio = median(ours.map((value, index) => value / (theirs[index] ?? Number.NaN)));
    const notes = `${median(ours).toFixed(1)} µs against ${median(theirs).toFixed(1)} µs`;
    return { what, measured: ratio, unit: '×', hold, notes };
  };
  // What did not run in turn with it.
  const alone = (what: string, hold: number, theirs: number): Line => {
    const ours = median(own.get('verify') ?? []);
    return {
      what,
      measured: ours / theirs,
      unit: '×',
      hold,
      notes: `${ours.toFixed(1)} µs against ${theirs.toFixed(1)} µs`,
    };
  };
  const lines = [
    line('/api/verify, 100,000 keys ÷ bare node:http, same answer', own, 'verify', bare.name, 1.25),
    line('/api/verify, ALLOWED_IPS of 10 networks ÷ bare node:http', own, 'verify, 10 networks', bare.name, 1.5),
    line('/api/verify, 100,000 keys ÷ 100 keys', own, 'verify', 'verify, 100 keys', 1.05),
    alone('/api/verify ÷ bare Express 5 route, same answer', 0.25, median(express5.get(plain.name) ?? [])),
    ...others.peers.map(({ name }) => line(`/api/verify ÷ ${name}`, foreign, 'verify', name, Number.POSITIVE_INFINITY)),
  ];
  const nginx = await nginxCost(token);
  if (nginx === null) return { lines, remarks: [...others.missing, "nginx's map look-up: left out (no nginx here)"] };
  lines.push(alone("/api/verify ÷ nginx's map look-up, a process of its own", Number.POSITIVE_INFINITY, nginx));
  return { lines, remarks: others.missing };
}

type Costs = ReadonlyMap<string, readonly number[]>;

/** Microseconds of CPU a request of each, round by round. */
async function race(contenders: readonly Contender[]): Promise<Costs> {
  const costs = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  for (let round = -3; round < ROUNDS; round += 1) {
    for (const { name, server, path, headers } of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const microseconds = await cpuPerRequest(portOf(server), path, headers);
      // The first rounds warm the compiler up.
      if (round >= 0) costs.get(name)?.push(microseconds);
    }
  }
  return costs;
}

async function doorOf(name: string, { gatehouse, tokens }: Keyed): Promise<Contender> {
  const door = createVerifyDoor(gatehouse);
  const server = await listen((request, response) => void door(request, response));
  return { name, server, path: '/api/verify', headers: [`x-api-key: ${tokens[0]}`, ...FACTS] };
}

async function contender(name: string, { path, headers }: Contender, handler: RequestListener): Promise<Contender> {
  return { name, server: await listen(handler), path, headers };
}

function asContender({ name, server, path, headers }: Peer): Contender {
  return { name, server, path, headers: [...headers, ...FACTS] };
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

/** The header lines of a real answer, spelt as they are sent, but for those that Node adds by itself. */
function answerOf({ server, path, headers }: Contender): Promise<string[]> {
  const fields = Object.fromEntries(headers.map((line) => line.split(': ', 2) as [string, string]));
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { host: '127.0.0.1', port: portOf(server), path, headers: fields, agent: false },
      (response) => {
        response.resume();
        if (response.statusCode !== 204) reject(new Error(`the door answered ${response.statusCode}`));
        const kept = response.rawHeaders.filter(
          (_, index, all) => !/^(date|connection|keep-alive)$/i.test(all[index - (index % 2)] ?? ''),
        );
        resolve(kept);
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

async function nginxCost(token: string): Promise<number | null> {
  const nginx = await startNginxMap(token);
  if (nginx === null) return null;
  const costs: number[] = [];
  for (let round = -1; round < 5; round += 1) {
    const before = await nginx.cpuMicroseconds();
    await cpuPerRequest(nginx.port, '/thing', [`x-api-key: ${token}`, ...FACTS], 40_000);
    if (round >= 0) costs.push(((await nginx.cpuMicroseconds()) - before) / 40_000);
  }
  await nginx.close();
  return median(costs);
}
