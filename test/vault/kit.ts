import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { type Audit, type AuditEvent, openAudit } from '../../src/audit/audit.js';
import type { CredentialUser, CredentialView } from '../../src/contract/credentials.js';
import type { Egress, EgressRequest } from '../../src/egress/egress.js';
import { boundsFor } from '../../src/guard/bounds.js';
import { GatehouseError } from '../../src/kernel/errors.js';
import { type Actor, LOCAL, type Principal } from '../../src/kernel/principal.js';
import { type InstanceKeys, openSeal, type Seal } from '../../src/seal/instance-key.js';
import { claimDataFolder, type DataFolder } from '../../src/store/data-folder.js';
import { openVault, type Vault } from '../../src/vault/vault.js';
import { TestClock } from '../support/clock.js';
import { capturingLogger } from '../support/logs.js';
import { temporaryFolder } from '../support/store-kit.js';
import { SAMPLES } from './samples.js';

/** What a vendor of these tests answers. */
export interface Said {
  readonly status: number;
  readonly body?: unknown;
}

/** A way out that leads to `answer`; `calls` is what would have left. */
export function pretendEgress(answer: (request: EgressRequest) => Said | Promise<Said>): Egress & {
  readonly calls: EgressRequest[];
} {
  const calls: EgressRequest[] = [];
  const none = () => Promise.reject(new GatehouseError('EGRESS_REFUSED', 'Nothing is called here.'));
  return {
    calls,
    async request(request) {
      calls.push(request);
      const { status, body = {} } = await answer(request);
      return { status, headers: [], body: Readable.from([Buffer.from(JSON.stringify(body))]) };
    },
    connectSocket: none,
    startTls: none,
    close: async () => {},
  };
}

const WORKSPACES: Readonly<Record<string, string>> = { one: 'org_default', two: 'org_default', theirs: 'org_other' };

export interface TestVault {
  readonly vault: Vault;
  readonly seal: Seal;
  readonly keys: InstanceKeys;
  readonly audit: Audit;
  readonly clock: TestClock;
  readonly folder: DataFolder;
  /** Every audit line that was written, in order. */
  readonly lines: AuditEvent[];
  /** Set: audit lines are refused. */
  silenced: boolean;
  readonly users: Map<string, CredentialUser[]>;
  logs(): string;
  /** Somebody who acts; left out: the owner of the files. */
  by(principal?: Partial<Principal>): Actor;
  /** A credential with the sample fields of its type. */
  add(type: string, name: string, options?: { workspaceId?: string; fields?: object }): Promise<CredentialView>;
  /** A file of `.gatehouse`, as it is and changed. */
  read(name: string): Promise<string>;
  edit(name: string, change: (text: string) => string): Promise<void>;
  close(): Promise<void>;
}

/** A vault on a real folder, without the rest of the house. */
export async function openTestVault({
  path,
  masterKey = null,
  egress = pretendEgress(() => ({ status: 500 })),
  clock = new TestClock(),
}: {
  path?: string;
  masterKey?: Buffer | null;
  egress?: Egress;
  clock?: TestClock;
} = {}): Promise<TestVault> {
  const { log, text } = capturingLogger();
  const folder = await claimDataFolder({ path: path ?? (await temporaryFolder()), socket: 'off', clock, log });
  const { seal, keys } = await openSeal({ folder, masterKey, clock, log });
  const audit = await openAudit({ folder, seal, clock, log, maxBytes: 10_000_000 });
  const lines: AuditEvent[] = [];
  const state = { silenced: false };
  const users = new Map<string, CredentialUser[]>();
  const uses = new Map<string, { atMs: number }>();
  const watched: Audit = {
    ...audit,
    writable: true,
    async record(event) {
      if (state.silenced) throw new GatehouseError('AUDIT_UNAVAILABLE', 'The audit log cannot be written.');
      lines.push(event);
      await audit.record(event);
    },
  };
  const vault = await openVault({
    folder,
    seal,
    instanceKeys: keys,
    resealers: [],
    egress,
    audit: watched,
    uses: {
      lastUse: (name) => uses.get(name),
      touch: (name, atMs) => void uses.set(name, { atMs }),
      forget: (names) => {
        for (const name of names) uses.delete(name);
      },
    },
    usedBy: (id) => users.get(id) ?? [],
    proxyDomain: null,
    organizationOf: (id) => WORKSPACES[id] ?? null,
    clock,
    log,
  });
  let open = true;
  const lookups = {
    organizations: { has: () => true, requestLimit: () => null },
    workspaces: { ownerOf: (id: string) => WORKSPACES[id] },
    credentials: vault,
  };
  const made: TestVault = {
    vault,
    seal,
    keys,
    audit,
    clock,
    folder,
    lines,
    get silenced() {
      return state.silenced;
    },
    set silenced(on) {
      state.silenced = on;
    },
    users,
    logs: text,
    by: (principal = {}) => ({
      bounds: boundsFor({ ...LOCAL, operator: principal.organizationId === undefined, ...principal }, lookups),
      address: '192.0.2.7',
      requestId: 'req_test',
    }),
    async add(type, name, { workspaceId = 'one', fields = {} } = {}) {
      const request = { name, type, fields: { ...SAMPLES[type], ...fields } };
      return (await vault.credentials.create(made.by(), workspaceId, request)).credential;
    },
    read: (name) => readFile(join(folder.statePath, name), 'utf8'),
    async edit(name, change) {
      await writeFile(join(folder.statePath, name), change(await made.read(name)));
    },
    async close() {
      if (!open) return;
      open = false;
      await vault.close();
      await audit.close();
      await folder.release();
    },
  };
  onTestFinished(() => made.close());
  return made;
}

/** What a refusal says, as `CODE: detail`. */
export async function refusalOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof GatehouseError) return error.message;
    throw error;
  }
  return 'nothing was refused';
}
