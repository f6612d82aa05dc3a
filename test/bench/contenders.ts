import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Ready, Role } from './contender.js';
import type { Target } from './cpu.js';

/** A server in a process of its own. */
export interface Contender extends Target {
  readonly name: string;
  close(): Promise<void>;
}

/** What a proxy asks with, beside the credential. */
export const FACTS = [
  'X-Forwarded-Method: GET',
  'X-Forwarded-Uri: /orders/7?page=2',
  'X-Forwarded-Host: app.example.com',
  'X-Forwarded-Proto: https',
  'X-Forwarded-For: 203.0.113.9',
  'User-Agent: bench',
  'Accept: */*',
];

/** @param credential - the header line that servers are sent which have none of their own */
export async function startContender(name: string, role: Role, credential = ''): Promise<Contender> {
  const child = fork(join(import.meta.dirname, 'contender.js'), [JSON.stringify(role)]);
  const ended = once(child, 'exit');
  const [ready] = await Promise.race([
    once(child, 'message') as Promise<[Ready]>,
    ended.then(() => Promise.reject(new Error(`${name} did not start`))),
  ]);
  return {
    name,
    port: ready.port,
    path: ready.path,
    headers: [ready.credential ?? credential, ...FACTS],
    async cpuMicroseconds() {
      child.send('cpu');
      return ((await once(child, 'message')) as [number])[0];
    },
    async close() {
      child.disconnect();
      await ended;
    },
  };
}
