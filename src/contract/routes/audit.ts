import { AuditList, AuditSummary, AuditVerification, ListAudit, SummarizeAudit } from '../audit.js';
import { base, K, type RouteSpec } from '../route-spec.js';

/** Who did what, and what was refused. */
export const auditRoutes = {
  listAudit: {
    ...base,
    method: 'GET',
    path: '/api/audit',
    summary: 'The audit log of the organization, newest first; for operators, of the instance.',
    authModes: K,
    scopes: ['audit:read'],
    reach: 'either',
    query: ListAudit,
    answer: AuditList,
  },
  summarizeAudit: {
    ...base,
    method: 'GET',
    path: '/api/audit/summary',
    summary: 'How much happened on each day, by outcome, and how far back lines are kept.',
    authModes: K,
    scopes: ['audit:read'],
    reach: 'either',
    query: SummarizeAudit,
    answer: AuditSummary,
  },
  verifyAudit: {
    ...base,
    method: 'GET',
    path: '/api/audit/verify',
    summary: 'Walk the whole audit chain and say where it breaks, if it does.',
    authModes: K,
    scopes: ['audit:read'],
    reach: 'instance',
    answer: AuditVerification,
  },
} as const satisfies Record<string, RouteSpec>;
