import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, readConfig } from '../../src/config/config.js';
import { temporaryFolder } from '../support/workspace.js';

export type Settings = Record<string, string>;

/** The config of these settings, nothing else around them. @throws with every fault */
export function configOf(settings: Settings, folder = '/nonexistent'): Config {
  const result = readConfig(settings, folder);
  if (!result.ok) throw new Error(result.faults.join('\n'));
  return result.config;
}

/** What a setting needs beside it. */
export function together(name: string): Settings {
  if (name === 'ADMIN_PASSWORD') return { ADMIN_EMAIL: 'ada@example.com' };
  return name === 'ADMIN_EMAIL' ? { ADMIN_PASSWORD: 'plum turnip lantern' } : {};
}

export function faultsOf(settings: Settings, folder = '/nonexistent'): readonly string[] {
  const result = readConfig(settings, folder);
  return result.ok ? [] : result.faults;
}

/** A folder with these files in it, removed when the test ends. */
export async function folderWith(files: Record<string, string | Buffer>): Promise<AsyncDisposable & { path: string }> {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder.path, name), content);
  return folder;
}
