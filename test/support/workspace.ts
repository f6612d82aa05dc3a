import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The repository this test runs in. */
export const REPOSITORY = join(import.meta.dirname, '..', '..');

/** An empty folder that is removed when the test ends (`await using`). */
export async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'gatehouse-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A workspaces folder with the example in it, or with the given files (`{'demo/a.ts': '…'}`). */
export async function temporaryWorkspaces(files?: Record<string, string>): Promise<AsyncDisposable & { path: string }> {
  const folder = await temporaryFolder();
  if (files === undefined) {
    await cp(join(REPOSITORY, 'workspaces', 'example'), join(folder.path, 'example'), { recursive: true });
  }
  for (const [name, text] of Object.entries(files ?? {})) {
    await mkdir(dirname(join(folder.path, name)), { recursive: true });
    await writeFile(join(folder.path, name), text);
  }
  return folder;
}
