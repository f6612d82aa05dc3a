import { request as httpRequest } from 'node:http';
import { type Contender, FACTS, startContender } from './contenders.js';
import { cpuPerRequest } from './cpu.js';
import { startNginxMap } from './nginx-map.js';
import { PEERS } from './peers.js';
import { type Line, median } from './statistics.js';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 31);
/** Of those that are measured for scale. */
const FEW_ROUNDS = 9;
/** Ten networks, the caller's own the last one. */
const TEN_NETWORKS = [...Array.from({ length: 9 }, (_, index) => `10.${index}.0.0/16`), '203.0.113.0/24'].join(',');
const SPIN_NS = 3000;

/**
 * `/api/verify` of the server that people run, against a bare `node:http` server that sends the same status and header
 * lines and checks nothing, a bare Express 5 route, and what others do with a key. CPU time a request, each in a process
 * of its own, all in turn in each round.
 */
export async function verifyDoor(): Promise<{ lines: Line[]; remarks: string[] }> {
  const gatehouse = (keys: number, settings = {}) => ({ kind: 'gatehouse', keys, settings }) as const;
  const ours = await startContender('verify', gatehouse(100_000));
  const few = await startContender('verify, 100 keys', gatehouse(100));
  const listed = await startContender('verify, 10 networks', gatehouse(100, { ALLOWED_IPS: TEN_NETWORKS }));
  const [credential = ''] = ours.headers;
  const answer = await answerOf(ours);
  const bare = await startContender('bare', { kind: 'bare', answer, spinNs: 0 }, credential);
  const spinning = await startContender('bare, spinning', { kind: 'bare', answer, spinNs: SPIN_NS }, credential);
  const express = await startContender('bare Express 5', { kind: 'express', answer }, credential);
  await requireAlike(ours, [bare, spinning]);
  const own = [ours, few, listed, bare, spinning, express];
  const costs = await race(own, ROUNDS);

  const remarks: string[] = [];
  const rivals: Contender[] = [];
  for (const name of PEERS) {
    const folder = process.env['BENCH_PEERS'];
    try {
      if (folder === undefined) throw new Error('BENCH_PEERS names no folder');
      rivals.push(await startContender(name, { kind: 'peer', name, folder }));
    } catch (error) {
      remarks.push(`${name}: left out (${(error as Error).message})`);
    }
  }
  const foreign = await race([ours, ...rivals], FEW_ROUNDS);
  for (const contender of [...own, ...rivals]) await contender.close();

  const lines = [
    line('/api/verify, 100,000 keys ÷ bare node:http, same answer', costs, ours, bare, 1.25),
    line('/api/verify, ALLOWED_IPS of 10 networks ÷ bare node:http', costs, listed, bare, 1.5),
    line('/api/verify, 100,000 keys ÷ 100 keys', costs, ours, few, 1.05),
    line('/api/verify ÷ bare Express 5 route, same answer', costs, ours, express, 0.25),
    line(
      `bare node:http and ${SPIN_NS / 1000} µs of work ÷ without it`,
      costs,
      spinning,
      bare,
      Number.POSITIVE_INFINITY,
    ),
    ...rivals.map((rival) => line(`/api/verify ÷ ${rival.name}`, foreign, ours, rival, Number.POSITIVE_INFINITY)),
  ];
  const nginx = await nginxCost(credential);
  if (nginx === null) remarks.push("nginx's map look-up: left out (no nginx here)");
  else {
    const cost = median(foreign.get(ours) ?? []);
    lines.push({
      what: "/api/verify ÷ nginx's map look-up",
      measured: cost / nginx,
      unit: '×',
      hold: Number.POSITIVE_INFINITY,
      notes: `${cost.toFixed(1)} µs against ${nginx.toFixed(1)} µs`,
    });
  }
  return { lines, remarks };
}

type Costs = ReadonlyMap<Contender, readonly number[]>;

/** Microseconds of CPU a request of each, round by round. */
async function race(contenders: readonly Contender[], rounds: number): Promise<Costs> {
  const costs = new Map(contenders.map((contender) => [contender, [] as number[]]));
  for (let round = -3; round < rounds; round += 1) {
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const microseconds = await cpuPerRequest(contender);
      // The first rounds warm the compiler up.
      if (round >= 0) costs.get(contender)?.push(microseconds);
    }
  }
  return costs;
}

function line(what: string, costs: Costs, left: Contender, right: Contender, hold: number): Line {
  const [ours, theirs] = [costs.get(left) ?? [], costs.get(right) ?? []];
  const measured = median(ours.map((value, index) => value / (theirs[index] ?? Number.NaN)));
  const notes = `${median(ours).toFixed(1)} µs against ${median(theirs).toFixed(1)} µs`;
  return { what, measured, unit: '×', hold, notes };
}

/** The header lines of a real answer, spelt as they are sent, but for those that Node adds by itself. */
async function answerOf(contender: Contender): Promise<string[]> {
  const { status, rawHeaders } = await ask(contender);
  if (status !== 204) throw new Error(`the door answered ${status}`);
  return rawHeaders.filter(
    (_, index) => !/^(date|connection|keep-alive)$/i.test(rawHeaders[index - (index % 2)] ?? ''),
  );
}

/** That the others send what is compared with them: the same lines in the same order, and values as long. */
async function requireAlike(ours: Contender, others: readonly Contender[]): Promise<void> {
  const form = async (contender: Contender) => {
    const { status, rawHeaders } = await ask(contender);
    return [status, ...rawHeaders.map((text, index) => (index % 2 === 0 ? text : text.length))].join(' ');
  };
  const wanted = await form(ours);
  for (const other of others) {
    const found = await form(other);
    if (found !== wanted) throw new Error(`${other.name} answers\n${found}, not\n${wanted}`);
  }
}

function ask({ port, path, headers }: Contender): Promise<{ status: number | undefined; rawHeaders: string[] }> {
  const fields = Object.fromEntries(headers.map((text) => text.split(': ', 2) as [string, string]));
  fields['Connection'] = 'keep-alive';
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, path, headers: fields, agent: false }, (response) => {
      response.resume();
      resolve({ status: response.statusCode, rawHeaders: response.rawHeaders });
      sent.destroy();
    });
    sent.on('error', reject);
    sent.end();
  });
}

async function nginxCost(credential: string): Promise<number | null> {
  const nginx = await startNginxMap(credential.split(': ')[1] ?? '');
  if (nginx === null) return null;
  const { port, cpuMicroseconds } = nginx;
  const costs: number[] = [];
  for (let round = -1; round < 3; round += 1) {
    const cost = await cpuPerRequest(
      { port, path: '/thing', headers: [credential, ...FACTS], cpuMicroseconds },
      40_000,
    );
    if (round >= 0) costs.push(cost);
  }
  await nginx.close();
  return median(costs);
}
