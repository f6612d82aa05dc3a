import * as z from 'zod';
import { Timestamp } from './fields.js';
import { AttentionItem } from './overview.js';

/** One thing that was looked at. `warn`: it works and is probably not meant. */
export const SystemCheck = z.strictObject({
  name: z.string(),
  state: z.enum(['pass', 'warn', 'fail']),
  /** What was seen, and what to do about it. */
  words: z.string(),
});
export type SystemCheck = z.infer<typeof SystemCheck>;

/** A setting as this process took it at its start. Of secrets the value is never shown. */
export const SettingView = z.strictObject({
  name: z.string(),
  meaning: z.string(),
  secret: z.boolean(),
  /** As it was written; of secrets `set, 64 characters`; where it is not set, what holds then. */
  value: z.string(),
  set: z.boolean(),
  /** Of secrets that are set: tells two values apart, and nothing about either. `null` also while the vault is locked. */
  fingerprint: z.string().nullable(),
  /** `environment`, `.env.local`, `.env`, `default`, or the variable that names a file (`ADMIN_API_KEY_FILE`). */
  source: z.string(),
  /** What it is when it is not set, in words. */
  default: z.string(),
});
export type SettingView = z.infer<typeof SettingView>;

export const SystemView = z.strictObject({
  version: z.string(),
  node: z.string(),
  checks: z.array(SystemCheck),
  /** As `/readyz` tells it. */
  readiness: z.enum(['ok', 'degraded', 'unavailable']),
  startedAt: Timestamp,
  uptimeSeconds: z.int(),
  memory: z.strictObject({ residentBytes: z.int(), heapUsedBytes: z.int() }),
  /** Where the files are. */
  folder: z.string(),
  /** Of the file system that the folder is on; `null`: it does not say. `freeBytes`: what this process may still use. */
  disk: z.strictObject({ totalBytes: z.int(), freeBytes: z.int() }).nullable(),
  /** In the order of `.env.local.example`. */
  settings: z.array(SettingView),
  fingerprints: z.strictObject({
    /** `null`: the vault is locked. */
    instanceKey: z.string().nullable(),
    signingKeys: z.array(z.strictObject({ id: z.string(), createdAt: Timestamp, retiredAt: Timestamp.nullable() })),
  }),
  /** Whether the chain holds is what `GET /api/audit/verify` reads the whole log for. */
  audit: z.strictObject({
    writable: z.boolean(),
    /** `null`: the log does not open. */
    lastLine: z.strictObject({ seq: z.int(), at: Timestamp, chain: z.enum(['hmac', 'sha256']) }).nullable(),
  }),
  counts: z.strictObject({
    keys: z.int(),
    workspaces: z.int(),
    users: z.int(),
    organizations: z.int(),
    openStreams: z.int(),
  }),
  attention: z.array(AttentionItem),
});
export type SystemView = z.infer<typeof SystemView>;

export const ListLog = z.strictObject({
  limit: z.coerce.number().int().min(1).max(300).default(100),
  /** Of this weight or more. */
  level: z.enum(['debug', 'info', 'warn', 'error']).optional(),
});
export type ListLog = z.infer<typeof ListLog>;

/** One line of the program's own log, as it was printed. */
export const LogLine = z.strictObject({
  at: Timestamp,
  level: z.string(),
  message: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
export type LogLine = z.infer<typeof LogLine>;
/** The newest first. */
export const LogList = z.strictObject({ data: z.array(LogLine) });
