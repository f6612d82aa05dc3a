import { join } from 'node:path';
import type { AuditVerification } from '../contract/audit.js';
import type { ChainKey } from './chain-key.js';
import type { ChainPoint } from './line.js';
import type { LogSnapshot } from './open-log.js';
import { byAge } from './parts.js';
import { linesForward } from './read-lines.js';
import { beginWalk, type Fault, type Walk, walkPart } from './walk.js';

/**
 * Reads the whole log from its kept beginning and checks every line: its hash, its number, its place behind the one
 * before, the saved heads, and the end. Stops at the first fault; `lines` counts the good ones before it.
 * `ok` is said only when every line was checked: without the key to keyed lines it is false while `fault` is null.
 */
export async function verifyLog(folder: string, state: LogSnapshot, chainKey: ChainKey): Promise<AuditVerification> {
  const { head, first } = state;
  const points = [head.state.current, head.state.keyed, state.last].filter((point) => point !== null);
  const walk = beginWalk(first, state.last, { heads: points, reportsBroken: true });
  const found = head.fault === null ? await walkAll(folder, state, chainKey.key, walk) : headFault(head.fault);
  // Without the key nothing of what it chained fits: the missing file is the fault, not the first line under it.
  const fault = chainKey.replacedAt === null ? found : keyFault(chainKey.replacedAt);
  return {
    ok: fault === null && walk.unchecked === 0,
    lines: walk.lines,
    uncovered: walk.uncovered,
    firstAt: walk.firstAt,
    lastAt: walk.lastAt,
    fault,
    limits: limitsOf(state, chainKey, walk),
  };
}

/** Goes through what the folder holds and what it should hold: a part put in or taken away is in one of them only. */
async function walkAll(folder: string, state: LogSnapshot, key: Buffer | null, walk: Walk): Promise<Fault | null> {
  const onDisk = new Map(state.onDisk.map((part) => [part.name, part]));
  const names = [...new Set([...onDisk.keys(), ...state.parts.map(({ name }) => name)])].sort(byAge);
  for (const file of names) {
    const part = onDisk.get(file);
    if (part === undefined) return { file, line: 1, reason: 'this part of the log is missing' };
    const fault = await walkPart(folder, part, key, walk);
    if (fault !== null) return fault;
  }
  const [missing] = [...walk.heads.keys()].sort((a, b) => b - a);
  if (missing === undefined) return null;
  const reason = `the end was cut: the log stops before line ${walk.expected.seq}, but reached line ${missing} at least`;
  const file = names.at(-1);
  return file === undefined
    ? headFault('no part of the log is there')
    : { file, line: (await countLines(join(folder, file))) + 1, reason };
}

async function countLines(path: string): Promise<number> {
  let count = 0;
  for await (const _line of linesForward(path, Number.MAX_SAFE_INTEGER)) count += 1;
  return count;
}

function keyFault(replacedAt: string): Fault {
  const reason = `the file was missing when Gatehouse started, and another key was made at ${replacedAt}: lines before that cannot be checked`;
  return { file: 'chain-key.json', line: 1, reason };
}

function headFault(reason: string): Fault {
  return { file: 'head.json', line: 1, reason };
}

function limitsOf(state: LogSnapshot, chainKey: ChainKey, walk: Walk): string[] {
  const saved: ChainPoint = state.head.state.current;
  const limits = [
    `Lines after the last saved head (line ${saved.seq}) can be cut off by the owner of the files unseen once Gatehouse has stopped.`,
    'An older copy of the whole audit folder put back in its place, or the removal of all of it, is not seen.',
    'Whoever holds both the files and the instance key can write another history.',
  ];
  if (state.first.seq > 1) {
    limits.push(
      `Lines before line ${state.first.seq} were removed to keep the log within its size; they are not covered.`,
    );
  }
  if (walk.unkeyed > 0) {
    limits.push(
      `${walk.unkeyed} lines were chained without the key while the vault was locked: the keyed line after them proves that they have not changed since it was written, not that nobody changed them before.`,
    );
  }
  if (walk.uncovered > 0) {
    limits.push(
      `The last ${walk.uncovered} lines have no keyed line after them: the owner of the files can rewrite them.`,
    );
  }
  if (walk.unchecked > 0) {
    const why = chainKey.missing ?? 'the line before the first one is not known';
    limits.push(`${walk.unchecked} keyed lines could not be checked (${why}), so this is not a clean result.`);
  }
  return limits;
}
