import type { Gatehouse } from '../../gatehouse.js';
import type { Handlers } from '../handler.js';

export function auditHandlers({ audit }: Gatehouse): Pick<Handlers, 'listAudit' | 'summarizeAudit' | 'verifyAudit'> {
  return {
    // Operators see every line; others those of the organization they act in, and none of the instance.
    listAudit: ({ caller: { principal, bounds }, query }) =>
      audit.list(principal.operator ? query : { ...query, ...bounds.require({}) }),
    summarizeAudit: ({ caller: { principal, bounds }, query }) =>
      principal.operator
        ? audit.summary(query)
        : audit.summary({ ...query, ...bounds.require({ organizationId: query.organizationId }) }, false),
    verifyAudit: () => audit.verify(),
  };
}
