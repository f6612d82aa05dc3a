import type { Config } from '../config/config.js';
import type { AuditLine } from '../contract/audit.js';
import type { AttentionItem } from '../contract/overview.js';
import type { ListLog, LogLine, SettingView, SystemCheck, SystemView } from '../contract/system.js';
import { type Clock, toIso } from '../kernel/clock.js';
import type { Bounds } from '../kernel/principal.js';
import { version } from '../kernel/version.js';
import type { Seal } from '../seal/instance-key.js';
import { logLinesOf } from './log-lines.js';

export interface SystemOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly seal: Seal;
  /** Where the files are. */
  readonly folder: string;
  readonly disk: () => Promise<SystemView['disk']>;
  /** What was printed lately. */
  readonly printed: () => readonly string[];
  readonly readiness: () => SystemView['readiness'];
  readonly checkup: () => Promise<SystemCheck[]>;
  readonly attention: (by: Bounds) => Promise<AttentionItem[]>;
  readonly audit: { readonly writable: boolean; list(query: { limit: number }): Promise<{ data: AuditLine[] }> };
  readonly signingKeys: () => SystemView['fingerprints']['signingKeys'];
  readonly counts: () => SystemView['counts'];
}

/** How this instance is: for operators alone. */
export class SystemReports {
  readonly #o: SystemOptions;
  readonly #startedAtMs: number;

  constructor(options: SystemOptions) {
    this.#o = options;
    this.#startedAtMs = options.clock.nowMs();
  }

  async show(by: Bounds): Promise<SystemView> {
    const { clock, seal, folder, audit } = this.#o;
    const { rss, heapUsed } = process.memoryUsage();
    const [checks, attention, disk, last] = await Promise.all([
      this.#o.checkup(),
      this.#o.attention(by),
      this.#o.disk(),
      // A log that does not open is what `writable` and the check of the data folder tell of.
      audit.list({ limit: 1 }).then(
        ({ data }) => data[0] ?? null,
        () => null,
      ),
    ]);
    return {
      version: version(),
      node: process.version,
      checks,
      readiness: this.#o.readiness(),
      startedAt: toIso(this.#startedAtMs),
      uptimeSeconds: Math.floor((clock.nowMs() - this.#startedAtMs) / 1000),
      memory: { residentBytes: rss, heapUsedBytes: heapUsed },
      folder,
      disk,
      settings: settingsOf(this.#o.config, seal),
      fingerprints: {
        instanceKey: seal.locked === null ? seal.fingerprint : null,
        signingKeys: this.#o.signingKeys(),
      },
      audit: {
        writable: audit.writable,
        lastLine: last === null ? null : { seq: last.seq, at: last.at, chain: last.chain },
      },
      counts: this.#o.counts(),
      attention,
    };
  }

  log(query: ListLog): LogLine[] {
    return logLinesOf(this.#o.printed(), query);
  }
}

function settingsOf({ shown, told, fingerprintOf }: Config, seal: Seal): SettingView[] {
  // The key of `GET /api/env-keys`, so that ADMIN_API_KEY has one fingerprint everywhere.
  const key = seal.locked === null ? seal.derive('env-key-fingerprint') : null;
  const fingerprint = (name: string) => {
    if (key === null) return null;
    return name === 'MASTER_KEY' && fingerprintOf(name, key) !== null ? seal.fingerprint : fingerprintOf(name, key);
  };
  return shown.map(({ name, value, source }, index) => {
    const { meaning, isSecret, isSet, fallback } = told[index] as Config['told'][number];
    return {
      name,
      meaning,
      secret: isSecret,
      value,
      set: isSet,
      fingerprint: isSecret ? fingerprint(name) : null,
      source,
      default: fallback,
    };
  });
}
