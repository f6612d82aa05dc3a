import { lstat, opendir } from 'node:fs/promises';
import path from 'node:path';
import { UPLOAD_LIMITS } from '../contract/workspace-files.js';
import type { Clock } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';

/** How much a workspace holds. */
export interface Space {
  readonly bytes: number;
  readonly files: number;
}

/** A folder of many files is not walked for every one that is written; others may write there too, so not never. */
const KNOWN_FOR_MS = 60_000;

/** What workspaces hold, so that they stay within their bounds. */
export class UsedSpace {
  readonly #clock: Clock;
  readonly #known = new Map<string, Space & { readonly atMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws GatehouseError `PAYLOAD_TOO_LARGE` when so much more does not fit */
  async requireRoom(workspaceId: string, root: string, more: Space): Promise<void> {
    const { workspaceBytes, workspaceFiles } = UPLOAD_LIMITS;
    const { bytes, files } = await this.#of(workspaceId, root);
    if (bytes + more.bytes > workspaceBytes || files + more.files > workspaceFiles)
      throw new GatehouseError(
        'PAYLOAD_TOO_LARGE',
        `A workspace holds at most ${workspaceBytes / 1_000_000} MB in ${workspaceFiles} files. Delete files, or make another one.`,
      );
  }

  /** What was written or deleted since. */
  add(workspaceId: string, more: Space): void {
    const known = this.#known.get(workspaceId);
    if (known === undefined) return;
    const { atMs, bytes, files } = known;
    this.#known.set(workspaceId, { atMs, bytes: bytes + more.bytes, files: files + more.files });
  }

  forget(workspaceId: string): void {
    this.#known.delete(workspaceId);
  }

  async #of(workspaceId: string, root: string): Promise<Space> {
    const known = this.#known.get(workspaceId);
    const atMs = this.#clock.nowMs();
    if (known !== undefined && atMs - known.atMs < KNOWN_FOR_MS) return known;
    const measured = { ...(await measure(root)), atMs };
    this.#known.set(workspaceId, measured);
    return measured;
  }
}

/** Ends early where there is too much already. */
async function measure(root: string): Promise<Space> {
  let bytes = 0;
  let files = 0;
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const names: string[] = [];
    try {
      for await (const entry of await opendir(folder, { bufferSize: 256 })) {
        if (entry.isDirectory()) folders.push(path.join(folder, entry.name));
        else names.push(path.join(folder, entry.name));
        if (files + names.length > UPLOAD_LIMITS.workspaceFiles) return { bytes, files: files + names.length };
      }
    } catch {
      // What cannot be read holds nothing that anybody could send.
    }
    files += names.length;
    for (let from = 0; from < names.length; from += 64) {
      const sizes = await Promise.all(
        names.slice(from, from + 64).map((name) =>
          lstat(name).then(
            ({ size }) => size,
            () => 0,
          ),
        ),
      );
      for (const size of sizes) bytes += size;
    }
  }
  return { bytes, files };
}
