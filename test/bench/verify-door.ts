import { request as httpRequest } from 'node:http';
import { type Contender, FACTS, startContender } from './contenders.js';
import { cpuPerRequest } from './cpu.js';
import { startNginxMap } from './nginx-map.js';
import { PEERS } from './peers.js';
import { type Line, median } from './statistics.js';

/** Each is started so often: where a process lands in memory makes it up to a tenth dearer for all its life. */
const GENERATIONS = 5;
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 9);
/** Ten networks, the caller's own the last one. */
const TEN_NETWORKS = [...Array.from({ length: 9 }, (_, index) => `10.${index}.0.0/16`), '203.0.113.0/24'].join(',');
const SPIN_NS = 3000;
/** Measured for scale, nothing is promised. */
const FOR_SCALE = Number.POSITIVE_INFINITY;

/** Microseconds of CPU a request of each, by its name, round by round. */
type Costs = Map<string, number[]>;

const NAMES = {
  ours: 'verify',
  few: 'verify, 100 keys',
  listed: 'verify, 10 networks',
  bare: 'bare',
  spinning: 'bare, spinning',
  express: 'bare Express 5',
} as const;

/**
 * `/api/verify` of the server that people run, against a bare `node:http` server that sends the same status and header
 * lines and checks nothing, a bare Express 5 route, and what others do with a key. CPU time a request, each in a process
 * of its own, all in turn in each round.
 */
export async function verifyDoor(): Promise<{ lines: Line[]; remarks: string[] }> {
  const costs: Costs = new Map();
  for (let generation = 0; generation < GENERATIONS; generation += 1) {
    const own = await startOwn();
    await race(own, costs);
    await closeAll(own);
  }
  const { lines, remarks } = await forScale();
  return {
    lines: [
      line('/api/verify, 100,000 keys ÷ bare node:http, same answer', costs, NAMES.ours, NAMES.bare, 1.25),
      line('/api/verify, ALLOWED_IPS of 10 networks ÷ bare node:http', costs, NAMES.listed, NAMES.bare, 1.5),
      line('/api/verify, 100,000 keys ÷ 100 keys', costs, NAMES.ours, NAMES.few, 1.05),
      line('/api/verify ÷ bare Express 5 route, same answer', costs, NAMES.ours, NAMES.express, 0.25),
      line(
        `bare node:http and ${SPIN_NS / 1000} µs of work ÷ without it`,
        costs,
        NAMES.spinning,
        NAMES.bare,
        FOR_SCALE,
      ),
      ...lines,
    ],
    remarks,
  };
}

async function startOwn(): Promise<Contender[]> {
  const gatehouse = (keys: number, settings = {}) => ({ kind: 'gatehouse', keys, settings }) as const;
  const ours = await startContender(NAMES.ours, gatehouse(100_000));
  const few = await startContender(NAMES.few, gatehouse(100));
  const listed = await startContender(NAMES.listed, gatehouse(100, { ALLOWED_IPS: TEN_NETWORKS }));
  const credential = ours.headers[0];
  const answer = await answerOf(ours);
  const bare = await startContender(NAMES.bare, { kind: 'bare', answer, spinNs: 0 }, credential);
  const spinning = await startContender(NAMES.spinning, { kind: 'bare', answer, spinNs: SPIN_NS }, credential);
  const express = await startContender(NAMES.express, { kind: 'express', answer }, credential);
  await requireAlike(ours, [bare, spinning]);
  return [ours, few, listed, bare, spinning, express];
}

/** What others do with a key, where they are installed. */
async function forScale(): Promise<{ lines: Line[]; remarks: string[] }> {
  const remarks: string[] = [];
  const ours = await startContender(NAMES.ours, { kind: 'gatehouse', keys: 100_000, settings: {} });
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
  const costs: Costs = new Map();
  await race([ours, ...rivals], costs);
  await closeAll([ours, ...rivals]);
  const lines = rivals.map(({ name }) => line(`/api/verify ÷ ${name}`, costs, NAMES.ours, name, FOR_SCALE));

  const nginx = await nginxCost(ours.headers[0] ?? '');
  if (nginx === null) remarks.push("nginx's map look-up: left out (no nginx here)");
  else {
    const cost = median(costs.get(NAMES.ours) ?? []);
    const notes = `${cost.toFixed(1)} µs against ${nginx.toFixed(1)} µs`;
    lines.push({
      what: "/api/verify ÷ nginx's map look-up",
      measured: cost / nginx,
      unit: '×',
      hold: FOR_SCALE,
      notes,
    });
  }
  return { lines, remarks };
}

async function closeAll(contenders: readonly Contender[]): Promise<void> {
  for (const contender of contenders) await contender.close();
}

async function race(contenders: readonly Contender[], costs: Costs): Promise<void> {
  for (let round = -3; round < ROUNDS; round += 1) {
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const microseconds = await cpuPerRequest(contender);
      // The first rounds warm the compiler up.
      if (round >= 0) costs.set(contender.name, [...(costs.get(contender.name) ?? []), microseconds]);
    }
  }
}

function line(what: string, costs: Costs, left: string, right: string, hold: number): Line {
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
