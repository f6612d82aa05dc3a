import type { Audit } from '../audit/audit.js';
import { audited } from '../audit/audited.js';
import type {
  AddOldSecretKey,
  RotateSecretKey,
  SecretKeyChanged,
  SecretKeys as SecretKeysView,
  StartOver,
} from '../contract/secret-keys.js';
import { GatehouseError } from '../kernel/errors.js';
import { parseMasterKey } from '../kernel/key-text.js';
import { describeError, type Logger } from '../kernel/logger.js';
import type { Actor } from '../kernel/principal.js';
import { newFernetKey } from '../seal/fernet.js';
import type { InstanceKeys, Resealed, Seal } from '../seal/instance-key.js';
import { fingerprintOf, refuseLocked } from '../seal/seal.js';
import type { SealedValues } from './sealed-values.js';
import { secretKeysView } from './secret-keys-view.js';
import type { WorkspaceKeys } from './workspace-keys.js';

export interface SecretKeysOptions {
  readonly seal: Seal;
  readonly instanceKeys: InstanceKeys;
  readonly keys: WorkspaceKeys;
  readonly values: SealedValues;
  /** Everything that is sealed under the instance key itself: each seals its own anew. */
  readonly resealers: readonly (() => Promise<Resealed>)[];
  readonly audit: Audit;
  readonly log: Logger;
}

/** What operators do with both levels of keys. A rotation that was cut off at any instant is finished by the next run. */
export class SecretKeys {
  readonly #o: SecretKeysOptions;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: SecretKeysOptions) {
    this.#o = options;
  }

  show(): SecretKeysView {
    return secretKeysView(this.#o);
  }

  /** @throws GatehouseError `VAULT_LOCKED`, `BAD_REQUEST`, `CONFLICT`, `NOT_FOUND`, `STORE_UNAVAILABLE` */
  async rotate(by: Actor, { workspaceId, newKey }: RotateSecretKey): Promise<SecretKeyChanged> {
    this.#requireOpen();
    const given = newKey === undefined ? null : readKey('newKey', newKey);
    if (workspaceId === undefined) return this.#inTurn(() => this.#rotateInstance(by, given));
    by.bounds.require({ workspaceId });
    if (given !== null)
      throw new GatehouseError('BAD_REQUEST', 'newKey: the key of a workspace is made here. Leave it out.');
    return this.#inTurn(() => this.#rotateWorkspace(by, workspaceId));
  }

  /** @throws GatehouseError as `rotate` */
  async addOld(by: Actor, request: AddOldSecretKey): Promise<SecretKeyChanged> {
    this.#requireOpen();
    const key = readKey('key', request.key);
    const { workspaceId = null } = request;
    if (workspaceId !== null) by.bounds.require({ workspaceId });
    const fingerprint = fingerprintOf(key);
    const event = { action: 'secret_key.add_old', target: workspaceId ?? 'instance', detail: { fingerprint } };
    const add = async (): Promise<SecretKeyChanged> => {
      if (workspaceId === null) await this.#o.instanceKeys.addOld(key);
      else await this.#o.keys.addOld(workspaceId, key);
      const resealed = await (workspaceId === null ? this.#finishInstance() : this.#finishWorkspace(workspaceId));
      return { state: 'done', fingerprint, ...resealed };
    };
    return this.#inTurn(() => audited(this.#o.audit, by, event, add));
  }

  /** @throws GatehouseError as `InstanceKeys.startOver` */
  startOver(by: Actor, { wanted }: StartOver): Promise<SecretKeyChanged> {
    const { seal, audit, instanceKeys } = this.#o;
    const act = async () => restart(await instanceKeys.startOver(wanted));
    // What will be refused leaves no line.
    if (seal.locked?.wanted !== wanted) return act();
    const event = { action: 'secret_key.start_over', target: 'instance', detail: { lost: wanted } };
    return this.#inTurn(() => audited(audit, by, event, act));
  }

  /** At start: a rotation that was cut off, or that waited for MASTER_KEY to change. Never throws. */
  async finishAtStart(): Promise<void> {
    const { instanceKeys, audit, log } = this.#o;
    if (instanceKeys.old.length === 0) return;
    try {
      const detail = { old: [...instanceKeys.old] };
      await audit.record({ action: 'secret_key.finish', actor: 'gatehouse', target: 'instance', detail });
      const { renewed, unreadable } = await this.#finishInstance();
      log.info('the rotation of the instance key is finished', { renewed, unreadable });
    } catch (error) {
      log.warn('the rotation of the instance key is not finished; it is tried again at the next start', {
        ...describeError(error),
      });
    }
  }

  /** One act at a time: of two that interleave, one would forget the key that the other has just sealed under. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => {});
    return done;
  }

  #requireOpen(): void {
    const { locked } = this.#o.seal;
    if (locked !== null) refuseLocked(locked);
  }

  async #rotateInstance(by: Actor, given: Buffer | null): Promise<SecretKeyChanged> {
    const { seal, instanceKeys, audit } = this.#o;
    if (instanceKeys.old.length > 0 && (given === null || fingerprintOf(given) === seal.fingerprint)) {
      const event = { action: 'secret_key.finish', target: 'instance', detail: { old: [...instanceKeys.old] } };
      const resealed = await audited(audit, by, event, () => this.#finishInstance());
      return { state: 'finished', fingerprint: seal.fingerprint ?? '', ...resealed };
    }
    if (given === null && instanceKeys.source === 'MASTER_KEY')
      throw new GatehouseError(
        'BAD_REQUEST',
        'newKey: is missing. The instance key comes from MASTER_KEY, which only you can change: give the new one here, then set MASTER_KEY to it and restart.',
      );
    const key = given ?? newFernetKey();
    const fingerprint = fingerprintOf(key);
    const detail = { from: seal.fingerprint, to: fingerprint };
    return audited(audit, by, { action: 'secret_key.rotate', target: 'instance', detail }, async () => {
      const state = await instanceKeys.rotate(key);
      if (state === 'staged') return { state, fingerprint, renewed: 0, unreadable: 0 };
      return { state: 'done', fingerprint, ...(await this.#finishInstance()) };
    });
  }

  async #rotateWorkspace(by: Actor, workspaceId: string): Promise<SecretKeyChanged> {
    const { keys, values, audit } = this.#o;
    const cutOff = values.keyIdsIn(workspaceId).some((id) => keys.isRetired(workspaceId, id));
    const from = keys.sealing(workspaceId)?.id ?? null;
    if (cutOff && from !== null) {
      const event = { action: 'secret_key.finish', target: workspaceId };
      const resealed = await audited(audit, by, event, () => this.#finishWorkspace(workspaceId));
      return { state: 'finished', fingerprint: from, ...resealed };
    }
    const key = newFernetKey();
    const fingerprint = fingerprintOf(key);
    const event = { action: 'secret_key.rotate', target: workspaceId, detail: { from, to: fingerprint } };
    return audited(audit, by, event, async () => {
      await keys.add(workspaceId, key);
      return { state: 'done', fingerprint, ...(await this.#finishWorkspace(workspaceId)) };
    });
  }

  /** What opens under no key was tried with the old ones too, so those can go once all else is saved. */
  async #finishInstance(): Promise<Resealed> {
    let total: Resealed = { renewed: 0, unreadable: 0 };
    for (const reseal of this.#o.resealers) total = sum(total, await reseal());
    await this.#o.instanceKeys.forgetOld();
    return total;
  }

  async #finishWorkspace(workspaceId: string): Promise<Resealed> {
    const { keys, values } = this.#o;
    const resealed = await values.renewSeals(workspaceId);
    const used = new Set(values.keyIdsIn(workspaceId));
    await keys.forget(workspaceId, (id) => used.has(id));
    return resealed;
  }
}

function restart(fingerprint: string): SecretKeyChanged {
  return { state: 'restart', fingerprint, renewed: 0, unreadable: 0 };
}

function sum(left: Resealed, right: Resealed): Resealed {
  return { renewed: left.renewed + right.renewed, unreadable: left.unreadable + right.unreadable };
}

function readKey(field: string, text: string): Buffer {
  try {
    return parseMasterKey(text);
  } catch (error) {
    throw new GatehouseError('BAD_REQUEST', `${field}: ${(error as Error).message}.`);
  }
}
