import { readFileSync } from 'node:fs';

/** From `dist/main.js` the package is one folder up, from this file two. */
const PLACES = ['../package.json', '../../package.json'];

/** The version of this build, from the package it ships in. */
export function version(): string {
  for (const place of PLACES) {
    try {
      const text = readFileSync(new URL(place, import.meta.url), 'utf8');
      return (JSON.parse(text) as { version: string }).version;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return 'unknown';
}
