import type { Gatehouse } from '../../gatehouse.js';
import type { Handlers } from '../handler.js';

export function auditHandlers({ audit }: Gatehouse): Pick<Handlers, 'listAudit' | 'verifyAudit'> {
  return {
    listAudit: ({ query }) => audit.list(query),
    verifyAudit: () => audit.verify(),
  };
}
