import type { Gatehouse } from '../../gatehouse.js';
import type { Handlers } from '../handler.js';

export function auditHandlers({ audit }: Gatehouse): Pick<Handlers, 'listAudit' | 'verifyAudit'> {
  return {
    // Operators see every line; others those of the organization they act in, and none of the instance.
    listAudit: ({ caller: { principal, bounds }, query }) =>
      audit.list(principal.operator ? query : { ...query, ...bounds.require({}) }),
    verifyAudit: () => audit.verify(),
  };
}
