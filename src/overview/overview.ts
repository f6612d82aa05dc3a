import type { AttentionItem, Overview, ShowOverview } from '../contract/overview.js';
import type { SystemCheck } from '../contract/system.js';
import type { UsageReport } from '../contract/usage.js';
import type { Bounds } from '../kernel/principal.js';
import { holdsScope } from '../kernel/scopes.js';
import { attentionOf, type InstanceFacts, type SurveyedKeys } from './attention.js';

export interface OverviewOptions {
  /** `null`: every organization. */
  readonly survey: (by: Bounds, organizationId: string | null) => SurveyedKeys;
  /** Of the last 24 hours. */
  readonly report: (by: Bounds, organizationId: string | undefined) => UsageReport;
  readonly jobs: (by: Bounds, organizationId: string | null) => { readonly queued: number; readonly running: number };
  readonly checkup: () => Promise<SystemCheck[]>;
  readonly instance: () => Omit<InstanceFacts, 'checks'>;
}

/** The first page that people see: how it goes, and what deserves a look, as far as they may see either. */
export class Overviews {
  readonly #o: OverviewOptions;

  constructor(options: OverviewOptions) {
    this.#o = options;
  }

  /** @throws GatehouseError `FORBIDDEN` for a foreign organization */
  async show(by: Bounds, { organizationId: named }: ShowOverview): Promise<Overview> {
    const { organizationId } = by.require({ organizationId: named });
    const { operator, scopes } = by.principal;
    const only = operator && named === undefined ? null : organizationId;
    const keys = this.#o.survey(by, only);
    const { requests, allowed } = this.#o.report(by, named).totals;
    const jobs = holdsScope(scopes, 'jobs:read') ? this.#o.jobs(by, only) : null;
    return {
      tiles: {
        requests24h: requests,
        deniedShare: requests === 0 ? null : (requests - allowed) / requests,
        activeKeys: keys.active,
        expiring14d: keys.expiring.count,
        jobsQueued: jobs?.queued ?? null,
        jobsRunning: jobs?.running ?? null,
      },
      attention: attentionOf(keys, operator ? await this.#instance() : null),
    };
  }

  /** For operators: everything of the instance, and the keys of every organization. */
  async attention(by: Bounds): Promise<AttentionItem[]> {
    return attentionOf(this.#o.survey(by, null), await this.#instance());
  }

  async #instance(): Promise<InstanceFacts> {
    return { ...this.#o.instance(), checks: await this.#o.checkup() };
  }
}
