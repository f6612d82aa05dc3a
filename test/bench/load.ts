import { connect } from 'node:net';

/**
 * Sends `requests` copies of one request over keep-alive connections and waits for every answer. Run as a process of
 * its own, so that its CPU time is not the server's.
 * Arguments: port, requests, connections, then header lines.
 */
const [port = '0', requests = '0', connections = '1', path = '/', ...headers] = process.argv.slice(2);
const payload = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`;
const share = Math.ceil(Number(requests) / Number(connections));

function run(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1');
    let left = share;
    let pending = '';
    socket.setEncoding('latin1').setNoDelay(true);
    socket.on('connect', () => socket.write(payload));
    socket.on('error', reject);
    socket.on('data', (chunk: string) => {
      pending += chunk;
      // Every answer here is 204 without a body, or 200 with this one.
      if (!pending.endsWith('{"ok":true}') && !(pending.startsWith('HTTP/1.1 204') && pending.endsWith('\r\n\r\n')))
        return;
      if (!/^HTTP\/1\.1 20[04]/.test(pending)) return reject(new Error(pending.slice(0, 200)));
      pending = '';
      left -= 1;
      if (left > 0) socket.write(payload);
      else {
        socket.end();
        resolve();
      }
    });
  });
}

await Promise.all(Array.from({ length: Number(connections) }, run));
