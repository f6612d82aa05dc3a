import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
// @ts-expect-error express 4 under another name has no types of its own
import express4 from 'express4';
import { onTestFinished } from 'vitest';

export type Express = ReturnType<typeof express>;

/** Both majors of Express that the middleware is for. */
export const MAJORS: [string, () => Express][] = [
  ['Express 5', () => express()],
  ['Express 4', () => express4() as Express],
];

/** Listens on a port of its own until the test ends. @returns its address */
export async function listen(app: RequestListener): Promise<string> {
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export interface Told {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly json: any;
  readonly text: string;
}

export async function ask(url: string, init: RequestInit = {}): Promise<Told> {
  const { status, headers, ...response } = await fetch(url, init).then(async (answer) => ({
    status: answer.status,
    headers: answer.headers,
    text: await answer.text(),
  }));
  let json: unknown;
  try {
    json = JSON.parse(response.text);
  } catch {
    json = undefined;
  }
  return { status, headers, json, text: response.text };
}
