import { constants } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GatehouseError } from '../kernel/errors.js';
import type { Logger } from '../kernel/logger.js';
import { describeFaults } from '../kernel/schema-faults.js';
import { Damage } from './damage.js';
import type { DataFolder } from './data-folder.js';
import { errnoOf, type Files, nodeFiles, replaceFile, WriteFault } from './durable-file.js';
import { holdsProto, parseSlice } from './json-bytes.js';
import { readWholeFile } from './read-file.js';

const NEWLINE = 0x0a;
/** Heads are small; what goes on beyond this without a line break is no document of ours. */
const MAX_HEAD_BYTES = 65_536;
const SUFFIX = '.json';

/**
 * Documents of one kind, a file each: a head that is kept in memory, and a body that is read when it is asked for. Two
 * lines of JSON in a file, so that a start reads heads only.
 */
export interface DocumentFolder<Head> {
  /** What was there at start. A file that cannot be read is named in the log and left as it is. */
  readonly heads: readonly Head[];
  /**
   * Resolves once head and body are on disk.
   * @throws GatehouseError `STORE_UNAVAILABLE` when they cannot be saved; then the document is as it was
   */
  save(id: string, head: Head, body: unknown): Promise<void>;
  /** The body as it was saved; `undefined`: there is no such document, or it can no longer be read. */
  body(id: string): Promise<unknown>;
  remove(id: string): Promise<void>;
}

/** @param options.path - relative to the folder, such as `.gatehouse/jobs` */
export async function openDocuments<Head>(options: {
  readonly folder: DataFolder;
  readonly path: string;
  /** Throws on a bad head; the message names the field and quotes no secret. */
  readonly parse: (head: unknown) => Head;
  readonly log: Logger;
  readonly files?: Files;
}): Promise<DocumentFolder<Head>> {
  const { folder, parse, log, files = nodeFiles } = options;
  const path = join(folder.path, options.path);
  await mkdir(path, { recursive: true, mode: 0o700 });
  const fileOf = (id: string) => join(path, `${id}${SUFFIX}`);
  const heads: Head[] = [];
  for (const name of (await readdir(path)).filter((entry) => entry.endsWith(SUFFIX) && !entry.startsWith('.'))) {
    try {
      heads.push(parse(await readHead(files, join(path, name))));
    } catch (error) {
      const reason = error instanceof Damage ? error.message : (errnoOf(error) ?? describeFaults(error));
      log.warn('a document cannot be read and is left as it is', { folder: options.path, file: name, reason });
    }
  }

  return {
    heads,
    async save(id, head, body) {
      const text = `${JSON.stringify(head)}\n${JSON.stringify(body ?? null)}\n`;
      try {
        await replaceFile(files, fileOf(id), [Buffer.from(text)], { assertOwned: () => folder.assertOwned() });
      } catch (error) {
        const cause = error instanceof WriteFault ? error.cause : error;
        log.error('not saved', { folder: options.path, errno: errnoOf(cause) });
        if (error instanceof GatehouseError) throw error;
        throw new GatehouseError('STORE_UNAVAILABLE', 'The change was not saved. The log of the server says why.', {
          cause,
        });
      }
    },
    async body(id) {
      try {
        const content = await readWholeFile(files, fileOf(id));
        if (content === null) return undefined;
        const { bytes } = content;
        return checked(parseSlice(bytes, bytes.indexOf(NEWLINE) + 1, bytes.length));
      } catch (error) {
        log.warn('a document cannot be read', { folder: options.path, errno: errnoOf(error) ?? 'damaged' });
        return undefined;
      }
    },
    async remove(id) {
      await files.unlink(fileOf(id)).catch((error) => {
        if (errnoOf(error) !== 'ENOENT') log.warn('a document was not removed', { errno: errnoOf(error) });
      });
    },
  };
}

async function readHead(files: Files, path: string): Promise<unknown> {
  const file = await files.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = await file.stat({ bigint: true });
    if (!stats.isFile()) throw new Damage('it is not a regular file');
    const bytes = Buffer.alloc(Math.min(MAX_HEAD_BYTES, Number(stats.size)));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    const end = bytes.subarray(0, bytesRead).indexOf(NEWLINE);
    if (end < 0) throw new Damage('its first line has no end');
    return checked(parseSlice(bytes, 0, end));
  } finally {
    await file.close().catch(() => {});
  }
}

function checked(value: unknown): unknown {
  if (holdsProto(value)) throw new Damage('it has a member "__proto__"');
  return value;
}
