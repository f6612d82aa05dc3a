import type { Actor } from '../kernel/principal.js';
import type { Audit, AuditEvent } from './audit.js';

/**
 * Makes a change with its audit line. The line goes first and the change after it: the log may name a change that a
 * crash prevented, but never misses one that happened. A change that fails leaves a second line that says so.
 * @param organizationId - in which the change is; left out: the one its maker acts in
 * @throws GatehouseError `AUDIT_UNAVAILABLE` before anything was changed; whatever `change` throws
 */
export async function audited<T>(
  audit: Audit,
  by: Actor,
  { action, target, organizationId, detail }: Pick<AuditEvent, 'action' | 'target' | 'organizationId' | 'detail'>,
  change: () => Promise<T>,
): Promise<T> {
  const event = {
    action,
    actor: by.bounds.principal.id,
    target: target ?? null,
    organizationId: organizationId === undefined ? by.bounds.principal.organizationId : organizationId,
    address: by.address,
    requestId: by.requestId,
  };
  await audit.record({ ...event, ...(detail === undefined ? {} : { detail }) });
  try {
    return await change();
  } catch (error) {
    // The line above promised a change. When this one fails too, the log still names what was tried.
    await audit.record({ ...event, outcome: 'failed' }).catch(() => {});
    throw error;
  }
}
