import type { Actor } from '../kernel/principal.js';
import type { Audit, AuditEvent } from './audit.js';

/**
 * Makes a change with its audit line. The line goes first and the change after it: the log may name a change that a
 * crash prevented, but never misses one that happened. A change that fails leaves a second line that says so.
 * @param organizationId - in which the change is; left out: the one its maker acts in
 * @param event.actor - who it was, where no credential says so: somebody who signs in, or uses a one-time link
 * @throws GatehouseError `AUDIT_UNAVAILABLE` before anything was changed; whatever `change` throws
 */
export async function audited<T>(
  audit: Audit,
  by: Actor,
  {
    action,
    target,
    organizationId,
    detail,
    changes,
    actor,
  }: Pick<AuditEvent, 'action' | 'target' | 'organizationId' | 'detail' | 'changes'> &
    Partial<Pick<AuditEvent, 'actor'>>,
  change: () => Promise<T>,
): Promise<T> {
  const { id, role } = by.bounds.principal;
  const event = {
    action,
    actor: actor ?? id,
    target: target ?? null,
    organizationId: organizationId === undefined ? by.bounds.principal.organizationId : organizationId,
    address: by.address,
    requestId: by.requestId,
  };
  const facts = { ...detail, ...(role === null ? {} : { actorRole: role }) };
  const told = Object.keys(facts).length === 0 ? {} : { detail: facts };
  await audit.record({ ...event, ...told, ...(changes === undefined ? {} : { changes }) });
  try {
    return await change();
  } catch (error) {
    // The line above promised a change. When this one fails too, the log still names what was tried.
    await audit.record({ ...event, outcome: 'failed' }).catch(() => {});
    throw error;
  }
}
