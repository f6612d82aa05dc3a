import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ZodError } from 'zod';
import { GatehouseError } from '../kernel/errors.js';
import type { Logger } from '../kernel/logger.js';
import { describeFaults } from '../kernel/schema-faults.js';
import { Damage, damagedAtStart, describeDamage, newerVersion } from './damage.js';
import type { DataFolder } from './data-folder.js';
import { errnoOf, type Files, nodeFiles, replaceFile, WriteFault } from './durable-file.js';
import { checkBeginning, holdsProto, parseSlice } from './json-bytes.js';
import { readWholeFile } from './read-file.js';

/** One small document of the server's own: read at start, replaced whole, not watched for edits by hand. */
export interface StateFile<T> {
  readonly value: T;
  /**
   * Resolves once the value (or a newer one that was given meanwhile) is on disk; `value` changes only then.
   * @throws GatehouseError `STORE_UNAVAILABLE` when it cannot be saved; what `parse` throws for a bad value
   */
  save(value: T): Promise<void>;
}

/**
 * @param options.parse - throws on a bad document; the message names the field and quotes no secret
 * @param options.initial - the value while there is no file; it is not written before the first save
 * @throws GatehouseError `STORE_UNAVAILABLE` when the file is there and cannot be used: names file, place, remedy
 */
export async function openStateFile<T>(options: {
  folder: DataFolder;
  file: string;
  parse: (value: unknown) => T;
  initial: () => T;
  log: Logger;
  files?: Files;
}): Promise<StateFile<T>> {
  const { folder, file, parse, initial, log, files = nodeFiles } = options;
  const path = join(folder.path, file);
  if (dirname(path) !== folder.path) await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  let { value } = await readState(files, path, parse, initial);
  let broken = false;
  let next: { value: T; text: string } | undefined;
  let queued: Promise<void> | undefined;
  let running: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const taken = next;
    next = undefined;
    queued = undefined;
    if (taken === undefined) return;
    try {
      if (broken) throw new Error('a sync failed before; restart Gatehouse');
      await replaceFile(files, path, [Buffer.from(taken.text)], { assertOwned: () => folder.assertOwned() });
      value = taken.value;
    } catch (error) {
      if (error instanceof WriteFault) {
        broken ||= error.stage !== 'before';
        if (error.stage === 'after') value = taken.value;
      }
      const cause = error instanceof WriteFault ? error.cause : error;
      log.error('not saved', { file, errno: errnoOf(cause), untilRestart: broken });
      throw error instanceof GatehouseError ? error : notSaved(cause);
    }
  }

  return {
    get value() {
      return value;
    },
    async save(wanted) {
      const text = `${JSON.stringify(wanted)}\n`;
      next = { value: parse(JSON.parse(text)), text };
      // Only the newest value matters: all that wait for a running write share the one after it.
      if (queued === undefined) {
        queued = running.catch(() => {}).then(write);
        running = queued;
      }
      await queued;
    },
  };
}

async function readState<T>(
  files: Files,
  path: string,
  parse: (value: unknown) => T,
  initial: () => T,
): Promise<{ value: T }> {
  let bytes: Buffer | undefined;
  try {
    const content = await readWholeFile(files, path);
    if (content === null) return { value: initial() };
    bytes = content.bytes;
    checkBeginning(bytes);
    const document = parseSlice(bytes, 0, bytes.length);
    if (holdsProto(document)) throw new Damage('it has a member "__proto__"', 0);
    try {
      return { value: parse(document) };
    } catch (error) {
      throw new Damage(writtenByNewer(document, error) ?? describeFaults(error), 0);
    }
  } catch (error) {
    if (error instanceof Damage) throw damagedAtStart(describeDamage(path, error, bytes));
    const reason = `${path} cannot be read (${errnoOf(error) ?? 'error'})`;
    throw new GatehouseError('STORE_UNAVAILABLE', `${reason}. Mend that, then start again.`, { cause: error });
  }
}

/** In words when a newer version wrote the document, as its own schema tells; `null`: something else is wrong with it. */
function writtenByNewer(document: unknown, error: unknown): string | null {
  if (!(error instanceof ZodError)) return null;
  const issue = error.issues.find(({ path }) => path.length === 1 && path[0] === 'schemaVersion');
  if (issue?.code !== 'invalid_value') return null;
  const known = issue.values[0];
  const { schemaVersion } = document as { schemaVersion?: unknown };
  if (typeof known !== 'number' || typeof schemaVersion !== 'number' || !(schemaVersion > known)) return null;
  return newerVersion(schemaVersion, known);
}

function notSaved(cause: unknown): GatehouseError {
  return new GatehouseError('STORE_UNAVAILABLE', 'The change was not saved. The log of the server says why.', {
    cause,
  });
}
