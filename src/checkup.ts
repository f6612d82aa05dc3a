import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config/config.js';
import type { AuditLine } from './contract/audit.js';
import type { SystemCheck, SystemView } from './contract/system.js';
import { type Clock, toIso } from './kernel/clock.js';
import type { Seal } from './seal/instance-key.js';

/** What a look at an instance needs of it. */
export interface Patient {
  readonly config: Config;
  readonly seal: Pick<Seal, 'locked' | 'fingerprint'>;
  readonly folder: { readonly path: string; readonly statePath: string; readonly lost: boolean };
  readonly settings: { readonly fault: string | null };
  /** `fault`: why keys, people or workspaces cannot be changed now, or `null`. */
  readonly identity: { readonly fault: string | null };
  readonly ownership: { readonly fault: string | null };
  readonly audit: { readonly writable: boolean; list(query: { limit: number }): Promise<{ data: AuditLine[] }> };
  readonly clock: Clock;
  readonly stopping: AbortSignal;
}

/** What `/readyz` says of it. */
export function readinessOf(patient: Patient): 'ok' | 'degraded' | 'unavailable' {
  const { stopping, folder, identity, ownership, audit, seal, settings } = patient;
  if (stopping.aborted || folder.lost || identity.fault !== null || ownership.fault !== null || !audit.writable)
    return 'unavailable';
  return seal.locked === null && settings.fault === null ? 'ok' : 'degraded';
}

/** Looks at files, keys and settings and says what is wrong or probably not meant. Changes nothing. */
export async function checkup(patient: Patient): Promise<SystemCheck[]> {
  return [
    folderCheck(patient),
    await modesCheck(patient),
    diskCheck(await diskOf(patient.folder.path)),
    await clockCheck(patient),
    sealCheck(patient),
    settingsCheck(patient),
    ...configChecks(patient.config),
  ];
}

const pass = (name: string, words: string): SystemCheck => ({ name, state: 'pass', words });
const warn = (name: string, words: string): SystemCheck => ({ name, state: 'warn', words });
const fail = (name: string, words: string): SystemCheck => ({ name, state: 'fail', words });

function folderCheck({ folder, identity, audit }: Patient): SystemCheck {
  if (folder.lost) return fail('data folder', `Another process has taken ${folder.path}. Stop one of the two.`);
  if (identity.fault !== null) return fail('data folder', identity.fault);
  if (!audit.writable)
    return fail('data folder', 'The audit log cannot be written; changes are refused. The log says why.');
  return pass('data folder', `${folder.path} can be written.`);
}

/** Whoever can read these files can do much: digests can be attacked, the instance key opens what is sealed. */
async function modesCheck({ folder }: Patient): Promise<SystemCheck> {
  const names = (await readdir(folder.statePath)).filter((name) => /\.(json|key)$/.test(name));
  const files = [join(folder.path, 'api-keys.json'), ...names.map((name) => join(folder.statePath, name))];
  const open: string[] = [];
  for (const path of [folder.statePath, ...files]) {
    const mode = await stat(path).then(
      (stats) => stats.mode & 0o777,
      () => 0,
    );
    if ((mode & 0o077) !== 0) open.push(path);
  }
  if (open.length === 0) return pass('file modes', 'Only the owner may read the files.');
  return warn('file modes', `Others may read ${open.join(', ')}. Run: chmod go= ${open.join(' ')}`);
}

/** Of the file system that a folder is on; `null`: it does not say. */
export async function diskOf(folder: string): Promise<SystemView['disk']> {
  const found = await statfs(folder).catch(() => null);
  if (found === null || found.blocks === 0) return null;
  return { totalBytes: found.blocks * found.bsize, freeBytes: found.bavail * found.bsize };
}

export function diskCheck(disk: SystemView['disk']): SystemCheck {
  if (disk === null) return pass('disk', 'The file system does not say how full it is.');
  const { totalBytes, freeBytes } = disk;
  const free = freeBytes >= 1e9 ? `${Math.floor(freeBytes / 1e9)} GB` : `${Math.floor(freeBytes / 1e6)} MB`;
  const used = Math.round((1 - freeBytes / totalBytes) * 100);
  const words = `${used} % used, ${free} free.`;
  if (freeBytes < MIN_FREE_BYTES)
    return fail('disk', `${words} Soon nothing can be saved, and changes are refused. Make room.`);
  return used > 90 ? warn('disk', `${words} When it is full, changes are refused. Make room.`) : pass('disk', words);
}

const MIN_FREE_BYTES = 20e6;

/** A clock cannot be told to be wrong, except by what was written before now. */
async function clockCheck({ audit, clock }: Patient): Promise<SystemCheck> {
  const { data } = await audit.list({ limit: 1 }).catch(() => ({ data: [] }));
  const nowMs = clock.nowMs();
  const lastMs = Date.parse(data[0]?.at ?? toIso(nowMs));
  if (lastMs <= nowMs + MAX_CLOCK_BACK_MS)
    return pass('clock', `${toIso(nowMs)}, and nothing that was written is newer.`);
  return warn(
    'clock',
    `It says ${toIso(nowMs)}, and the newest line of the audit log is from ${toIso(lastMs)}: it went back, or was wrong then. Ends of keys and sessions, and codes of second factors, go by it.`,
  );
}

const MAX_CLOCK_BACK_MS = 60_000;

function sealCheck({ seal }: Patient): SystemCheck {
  if (seal.locked !== null) return fail('instance key', `The vault is locked. ${seal.locked.remedy}`);
  return pass('instance key', `Fingerprint ${seal.fingerprint}.`);
}

function settingsCheck({ settings }: Patient): SystemCheck {
  return settings.fault === null
    ? pass('settings', 'What the files say is in force.')
    : fail('settings', settings.fault);
}

function configChecks(config: Config): SystemCheck[] {
  const { warnings, publicUrl, trustProxy, host } = config;
  const weak = warnings.filter(({ code }) => code === 'WEAK_ENV_KEY').map(({ words }) => words);
  const overTls = publicUrl?.startsWith('https:') === true;
  const isLocal = ['127.0.0.1', 'localhost', '::1'].includes(host);
  return [
    weak.length === 0 ? pass('environment keys', 'None is weak.') : warn('environment keys', weak.join(' ')),
    publicUrl === null && !isLocal
      ? warn(
          'public URL',
          'PUBLIC_URL is not set: tokens name the instance id as their issuer, and links cannot be mailed.',
        )
      : publicUrl !== null && !overTls && !isLocal
        ? warn('public URL', `${publicUrl} is plain HTTP: session cookies cross the network readable, without Secure.`)
        : pass('public URL', publicUrl ?? 'Not set; only this machine reaches the server.'),
    trustProxy === null && overTls
      ? warn(
          'proxy',
          'PUBLIC_URL is HTTPS, so a proxy ends TLS, but TRUST_PROXY names none: every caller has the address of the proxy, and /api/verify answers nobody.',
        )
      : trustProxy?.kind === 'hops'
        ? warn(
            'proxy',
            'TRUST_PROXY is a number of hops: whoever reaches the port counts as a proxy. Name its addresses instead.',
          )
        : pass(
            'proxy',
            trustProxy === null ? 'None is trusted.' : 'Only the addresses in TRUST_PROXY may speak for callers.',
          ),
  ];
}
