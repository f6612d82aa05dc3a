import type { Config } from '../gatehouse.js';

/** Where the server of these settings answers on this machine. */
export function localUrl({ host, port, basePath }: Pick<Config, 'host' | 'port' | 'basePath'>): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}${basePath}`;
}
