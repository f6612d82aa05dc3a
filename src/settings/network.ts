import type { Audit } from '../audit/audit.js';
import { audited } from '../audit/audited.js';
import { changesOf } from '../audit/changes.js';
import { DEFAULT_REVERT_SECONDS, type NetworkChange, type NetworkView, type SetNetwork } from '../contract/settings.js';
import { AddressSet, parseNetwork } from '../kernel/addresses.js';
import { type Clock, toIso } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import { describeError, type Logger } from '../kernel/logger.js';
import type { Actor } from '../kernel/principal.js';
import type { LiveFile } from '../store/live-file.js';
import { FIRST_SETTINGS, type SettingsRecord } from './record.js';

/** Where keys were used from; `usage` fits it. */
export interface RecentAddresses {
  /** When each address was seen last, for those seen since, and how many requests from there are known of. */
  addressesSince(sinceMs: number): ReadonlyMap<string, { readonly atMs: number; readonly requests: number }>;
}

export interface NetworkOptions {
  readonly file: LiveFile<SettingsRecord>;
  readonly audit: Audit;
  readonly recent: RecentAddresses;
  /** `ALLOWED_IPS`, for people to see; `null`: every address. */
  readonly environment: readonly string[] | null;
  readonly clock: Clock;
  readonly log: Logger;
}

const DAY_MS = 86_400_000;
const MAX_SHOWN = 200;
/** How often it is looked whether a list has to go back. */
const LOOK_EVERY_MS = 500;

type List = SettingsRecord['network']['allowedIps'];

/** The list of addresses that may call, kept by operators beside `ALLOWED_IPS`. */
export class Network {
  readonly #o: NetworkOptions;
  readonly #timer: NodeJS.Timeout;
  #reverting = false;

  constructor(options: NetworkOptions) {
    this.#o = options;
    this.#timer = setInterval(() => void this.revertIfDue(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  /** What holds now; `null`: every address. */
  allowed(): AddressSet | null {
    const { allowedIps } = this.#record.network;
    return allowedIps === null ? null : new AddressSet(allowedIps.map(parseNetwork));
  }

  show(by: Actor): NetworkView {
    const { network } = this.#record;
    const { environment } = this.#o;
    return { ...network, environment: environment === null ? null : [...environment], yourAddress: by.address };
  }

  /**
   * @throws GatehouseError `BAD_REQUEST` naming the entry that is no address; `CONFLICT` when the caller would lock
   *   itself out and did not say so
   */
  async set(by: Actor, request: SetNetwork): Promise<NetworkChange> {
    const allowedIps = canonical(request.allowedIps);
    const set = allowedIps === null ? null : new AddressSet(allowedIps.map(parseNetwork));
    const keepsOut = (address: string) => set !== null && !set.has(address);
    // The command socket is reached by no address, and no list keeps it out.
    const isLocal = by.address === 'socket';
    const blocksYou = !isLocal && keepsOut(by.address);
    const recent = this.#o.recent.addressesSince(this.#o.clock.nowMs() - DAY_MS);
    const blocked = blockedOf(recent, keepsOut);
    const answer = (applied: boolean): NetworkChange => ({
      network: this.show(by),
      applied,
      blocked: blocked.slice(0, MAX_SHOWN),
      blockedCount: blocked.length,
      seenCount: recent.size,
      blocksYou,
    });
    if (request.dryRun) return answer(false);
    const revertAfterSeconds = request.revertAfterSeconds ?? (isLocal ? 0 : DEFAULT_REVERT_SECONDS);
    if (blocksYou && !request.confirm) {
      throw new GatehouseError(
        'CONFLICT',
        `allowedIps: your own address ${by.address} is not among them, and you would be locked out. Add it, or send "confirm": true.`,
      );
    }
    const detail = { allowedIps: allowedIps ?? '*', revertAfterSeconds, blocked: blocked.length };
    const changes = changesOf({ allowedIps: this.#record.network.allowedIps }, { allowedIps });
    await audited(this.#o.audit, by, { action: 'network.set', target: null, detail, changes }, () =>
      this.#change(({ network }) => {
        // A list that lets everybody in locks nobody out.
        if (revertAfterSeconds === 0 || allowedIps === null) return { allowedIps, pending: null };
        // Several changes in a row go back to what was confirmed last.
        const previous = network.pending === null ? network.allowedIps : network.pending.previous;
        const revertsAt = toIso(this.#o.clock.nowMs() + revertAfterSeconds * 1000);
        return { allowedIps, pending: { previous, revertsAt } };
      }),
    );
    return answer(true);
  }

  /** Keeps the list that waits. Whoever gets here is let in by it. */
  async confirm(by: Actor): Promise<NetworkView> {
    const waits = () => {
      if (this.#record.network.pending === null)
        throw new GatehouseError('CONFLICT', 'No list waits to be confirmed: it went back, or was confirmed already.');
    };
    waits();
    await audited(this.#o.audit, by, { action: 'network.confirm', target: null }, () =>
      this.#change((record) => {
        waits();
        return { ...record.network, pending: null };
      }),
    );
    return this.show(by);
  }

  /** Puts the list before back once nobody confirmed the new one in time, also when that time passed while it stood still. */
  async revertIfDue(): Promise<void> {
    const isDue = ({ network: { pending } }: SettingsRecord) =>
      pending !== null && Date.parse(pending.revertsAt) <= this.#o.clock.nowMs();
    if (this.#reverting || !isDue(this.#record)) return;
    this.#reverting = true;
    try {
      const { allowedIps, pending } = this.#record.network;
      const changes = changesOf({ allowedIps }, { allowedIps: pending?.previous ?? null });
      await this.#o.audit.record({ action: 'network.revert', actor: 'gatehouse', changes });
      await this.#change((record) =>
        isDue(record) ? { allowedIps: record.network.pending?.previous ?? null, pending: null } : record.network,
      );
      this.#o.log.warn('the list of allowed addresses was not confirmed and went back to the one before');
    } catch (error) {
      this.#o.log.error('the list of allowed addresses could not go back; it is tried again', describeError(error));
    } finally {
      this.#reverting = false;
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  get #record(): SettingsRecord {
    return this.#o.file.value ?? FIRST_SETTINGS;
  }

  async #change(next: (record: SettingsRecord) => SettingsRecord['network']): Promise<void> {
    await this.#o.file.change((current) => {
      const record = current ?? FIRST_SETTINGS;
      return { ...record, network: next(record) };
    });
  }
}

/** The last one first. */
function blockedOf(
  recent: ReturnType<RecentAddresses['addressesSince']>,
  keepsOut: (address: string) => boolean,
): NetworkChange['blocked'] {
  return [...recent]
    .filter(([address]) => keepsOut(address))
    .sort(([, left], [, right]) => right.atMs - left.atMs)
    .map(([address, { atMs, requests }]) => ({ address, lastUsedAt: toIso(atMs), requests }));
}

/** @throws GatehouseError `BAD_REQUEST` naming the entry */
function canonical(entries: readonly string[] | null): List {
  if (entries === null || entries.includes('*')) return null;
  const seen = entries.map((entry, index) => {
    try {
      const { address, prefix, family } = parseNetwork(entry.trim());
      return prefix === (family === 4 ? 32 : 128) ? address : `${address}/${prefix}`;
    } catch (error) {
      throw new GatehouseError(
        'BAD_REQUEST',
        `allowedIps[${index}]: ${JSON.stringify(entry)} ${(error as Error).message}.`,
      );
    }
  });
  return [...new Set(seen)];
}
