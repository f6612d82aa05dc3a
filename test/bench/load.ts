import { connect, type Socket } from 'node:net';

/** What is sent: so many times the same request. */
export interface Load {
  readonly port: number;
  readonly path: string;
  readonly headers: readonly string[];
  readonly requests: number;
}

/** As many connections as a busy proxy keeps. */
const CONNECTIONS = 64;
const PAUSE_MS = 2;
const asleep = new Int32Array(new SharedArrayBuffer(4));

/**
 * Sends what it is told over keep-alive connections, a request on each at a time, and waits for every answer. A process
 * of its own, so that its CPU time is not the server's, and one that never waits at its sockets: it sleeps by the clock
 * and then reads what has come. One that waited would have to be woken, by the server's own system call and the more
 * often the slower the server is: 3 µs more of work were measured as 6.
 */
async function send({ port, path, headers, requests }: Load): Promise<void> {
  const payload = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`;
  let missing = 0;
  let fault: Error | null = null;
  const open = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(socket));
      let pending = '';
      socket.setEncoding('latin1').setNoDelay(true);
      socket.on('error', reject);
      socket.on('close', () => {
        fault ??= new Error('the server closed a connection');
      });
      socket.on('data', (chunk: string) => {
        pending += chunk;
        if (!isWhole(pending)) return;
        if (!/^HTTP\/1\.1 20[04]/.test(pending)) fault ??= new Error(pending.slice(0, 200));
        pending = '';
        missing -= 1;
      });
    });
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, open));
  for (let sent = 0; sent < requests; sent += CONNECTIONS) {
    missing = CONNECTIONS;
    for (const socket of sockets) socket.write(payload);
    while (missing > 0 && fault === null) {
      Atomics.wait(asleep, 0, 0, PAUSE_MS);
      await new Promise(setImmediate);
    }
    if (fault !== null) throw fault;
  }
  for (const socket of sockets) socket.removeAllListeners('close').destroy();
}

/** Every good answer here is 204 without a body, or 200 with this one. */
function isWhole(answer: string): boolean {
  if (answer.startsWith('HTTP/1.1 200')) return answer.endsWith('{"ok":true}');
  return answer.endsWith('\r\n\r\n') || answer.endsWith('}');
}

process.on('message', (load: Load) => {
  send(load).then(
    () => process.send?.({}),
    (error: Error) => process.send?.({ fault: error.message }),
  );
});
process.on('disconnect', () => process.exit());
