import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Connections } from './connections.js';
import { GatehouseError } from './errors.js';

export interface RunningServer {
  /** Where callers reach it, such as `http://127.0.0.1:3000`. */
  readonly url: string;
  openConnections(): number;
  /** Takes no new connection, lets requests that run end within `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

/** `setting` names the variable that chose the port, for the words of a refusal. */
export type ListenPlace =
  | { readonly host: string; readonly port: number; readonly setting: string }
  | { readonly path: string };

/**
 * @throws GatehouseError `CONFLICT` when the port is taken, `BAD_REQUEST` when the address is not this machine's
 */
export async function listenOn(server: Server, connections: Connections, place: ListenPlace): Promise<RunningServer> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, place)));
    server.listen('path' in place ? { path: place.path } : { host: place.host, port: place.port }, resolve);
  });
  return {
    url: 'path' in place ? `unix:${place.path}` : urlOf(server.address() as AddressInfo),
    openConnections: () => connections.size,
    close: (graceMs) =>
      new Promise((resolve) => {
        const cut = setTimeout(() => connections.endAll(), graceMs);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        connections.endIdle();
      }),
  };
}

function urlOf({ address, port }: AddressInfo): string {
  const shown = address === '::' || address === '0.0.0.0' ? 'localhost' : address;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
}

function listenError(error: NodeJS.ErrnoException, place: ListenPlace): Error {
  const facts = { cause: error };
  if ('path' in place)
    return new GatehouseError(
      'UNAVAILABLE',
      `The command socket ${place.path} cannot be opened (${error.code}).`,
      facts,
    );
  const { host, port, setting } = place;
  switch (error.code) {
    case 'EADDRINUSE':
      return new GatehouseError(
        'CONFLICT',
        `${host}:${port} is taken by another program. Set ${setting} to a free one.`,
        facts,
      );
    case 'EACCES':
      return new GatehouseError(
        'BAD_REQUEST',
        `${host}:${port} needs more rights: set ${setting} to one over 1023.`,
        facts,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new GatehouseError(
        'BAD_REQUEST',
        `${setting === 'METRICS' ? setting : 'HOST'}=${host} is no address of this machine. Use 127.0.0.1 or 0.0.0.0.`,
        facts,
      );
    default:
      return error;
  }
}
