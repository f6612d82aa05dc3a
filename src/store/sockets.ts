import { chmod, unlink } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { errnoOf } from './durable-file.js';

/** Node cuts longer socket paths silently (107 on Linux, 103 on macOS) and binds somewhere else. */
export const MAX_SOCKET_PATH_BYTES = 100;

/** What came of connecting: the text the other side sent, nothing within the time, or no one there. */
export type Answer = { kind: 'answered'; text: string } | { kind: 'silent' } | { kind: 'refused' | 'missing' };

const MAX_ANSWER_CHARACTERS = 100;

/** Connects and reads what is said. Never throws; a path too long to connect to is `silent`, as it proves nothing. */
export function askSocket(path: string, timeoutMs: number): Promise<Answer> {
  if (!fitsSocket(path)) return Promise.resolve({ kind: 'silent' });
  return new Promise((resolve) => {
    let text = '';
    const socket = createConnection(path);
    const finish = (answer: Answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setEncoding('utf8').setTimeout(timeoutMs, () => finish({ kind: 'silent' }));
    socket.on('data', (piece: string) => {
      text += piece;
      if (text.length > MAX_ANSWER_CHARACTERS) finish({ kind: 'silent' });
    });
    socket.on('end', () => finish({ kind: 'answered', text: text.trim() }));
    socket.on('error', (error) => {
      const errno = errnoOf(error);
      if (errno === 'ECONNREFUSED') finish({ kind: 'refused' });
      else finish({ kind: errno === 'ENOENT' ? 'missing' : 'silent' });
    });
  });
}

/** Says `text` to whoever connects, and reads nothing. Does not keep the process alive. */
export function serveText(path: string, text: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => {}).unref();
      socket.end(`${text}\n`, () => socket.destroy());
    });
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject).on('error', () => {});
      server.unref();
      chmod(path, 0o600).then(() => resolve(server), reject);
    });
  });
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

export function fitsSocket(path: string): boolean {
  return Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES;
}

/** Whether somebody accepts connections at `path`. */
export function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    const finish = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    socket.on('connect', () => finish(true));
    // A full queue of connections is somebody, too.
    socket.on('error', (error) => finish(errnoOf(error) === 'EAGAIN'));
  });
}

/** Removes the socket file at `path` if nobody listens on it. */
export async function clearSocket(path: string): Promise<void> {
  if (!(await isListening(path))) await unlink(path).catch(() => {});
}
