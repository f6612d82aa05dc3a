import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UpstreamRoutes } from '../../src/contract/upstream-routes.js';
import type { RunningGatehouse } from './gatehouse.js';
import { REPOSITORY } from './workspace.js';

/** The documented example, as printed. */
export const BILLING_ROUTES = UpstreamRoutes.parse(
  JSON.parse(readFileSync(join(REPOSITORY, 'docs', 'deploy', 'billing-routes.json'), 'utf8')),
);

/** `none`: no key; `plain`: a key without the scope; `billing`: a key with `billing:write`; `mcp`: an MCP token with `*`. */
export type BillingCaller = 'none' | 'plain' | 'billing' | 'mcp';

export interface BillingCase {
  readonly method: string;
  readonly path: string;
  readonly caller: BillingCaller;
  /** `200`: it reaches the app. */
  readonly status: number;
}

const NEEDS_WRITE = [
  '/billing/gift-cards/redeem',
  '/billing/credits/purchase',
  '/billing/subscription/create',
  '/billing/portal',
];
const NEEDS_A_KEY = ['/billing/summary', '/billing/invoices'];

/** G6 as a table: what every door has to answer. */
export const BILLING_CASES: readonly BillingCase[] = [
  ...NEEDS_WRITE.flatMap((path): BillingCase[] => [
    { method: 'POST', path, caller: 'none', status: 401 },
    { method: 'POST', path, caller: 'plain', status: 403 },
    { method: 'POST', path, caller: 'mcp', status: 403 },
    { method: 'POST', path, caller: 'billing', status: 200 },
    { method: 'POST', path: `${path}?next=/billing/summary`, caller: 'plain', status: 403 },
    { method: 'POST', path: `${path}/`, caller: 'plain', status: 403 },
    { method: 'POST', path: path.replace('billing', '%62illing'), caller: 'plain', status: 403 },
    // Nothing else is named, so nothing else passes: not another method, not another spelling.
    { method: 'GET', path, caller: 'billing', status: 403 },
    { method: 'POST', path: path.replace('billing', 'Billing'), caller: 'billing', status: 400 },
    { method: 'POST', path: path.replace('/billing', '/billing/summary/..'), caller: 'plain', status: 400 },
    { method: 'POST', path: path.replace('/billing', '//billing'), caller: 'billing', status: 400 },
    { method: 'POST', path: `${path};x=1`, caller: 'billing', status: 400 },
    { method: 'POST', path: path.replace('/billing/', '/billing%2F'), caller: 'billing', status: 400 },
  ]),
  ...NEEDS_A_KEY.flatMap((path): BillingCase[] => [
    { method: 'GET', path, caller: 'none', status: 401 },
    { method: 'GET', path, caller: 'plain', status: 200 },
    { method: 'HEAD', path, caller: 'plain', status: 200 },
    { method: 'GET', path, caller: 'mcp', status: 403 },
    { method: 'POST', path, caller: 'billing', status: 403 },
  ]),
];

/** A key for each kind of caller. */
export async function billingKeys(running: RunningGatehouse): Promise<Record<BillingCaller, string | null>> {
  const mcp = await running.local('/api/mcp-tokens', { method: 'POST', body: { name: 'mcp', scopes: ['*'] } });
  return {
    none: null,
    plain: (await running.createKey()).token,
    billing: (await running.createKey({ scopes: ['billing:write'] })).token,
    mcp: mcp.json.token,
  };
}
