import type { AttentionItem } from '../contract/overview.js';
import type { SystemCheck } from '../contract/system.js';

type Code = AttentionItem['code'];

const KEYS = '/settings/api-keys';
const NETWORK = '/settings/security/network';
const SYSTEM = '/settings/system';

/** How many, on which lists of the dashboard, and the first few of them. */
export interface Some {
  readonly count: number;
  readonly lists: ReadonlySet<string>;
  readonly subjects: AttentionItem['subjects'];
}

export interface SurveyedKeys {
  readonly active: number;
  readonly unused: Some;
  readonly withoutExpiry: Some;
  readonly expiring: Some;
  readonly late: Some;
}

/** What only operators see. */
export interface InstanceFacts {
  readonly checks: readonly SystemCheck[];
  /** Of the settings at start. */
  readonly warnings: readonly { readonly code: string; readonly words: string }[];
  readonly envKeys: number;
  /** Other machines reach it, and no list of addresses says which may. */
  readonly isOpen: boolean;
  /** Peers that said they forward for others and are not in `TRUST_PROXY`. */
  readonly untrustedForwarders: readonly string[];
}

/** What is to be looked at, the worst first. @param instance - `null`: not the asker's to see */
export function attentionOf(keys: SurveyedKeys, instance: InstanceFacts | null): AttentionItem[] {
  const items = [...(instance === null ? [] : ofInstance(instance)), ...ofKeys(keys)];
  const weight = { problem: 0, warning: 1, notice: 2 } as const;
  return items.sort((left, right) => weight[left.severity] - weight[right.severity]);
}

const CHECKS: Readonly<Record<string, readonly [code: Code, link: string | null]>> = {
  'data folder': ['DATA_FOLDER', SYSTEM],
  'file modes': ['FILE_MODES', SYSTEM],
  disk: ['DISK', SYSTEM],
  clock: ['CLOCK', SYSTEM],
  'instance key': ['VAULT_LOCKED', SYSTEM],
  settings: ['SETTINGS_FAULT', SYSTEM],
  'environment keys': ['ENV_KEYS_WEAK', `${KEYS}?show=environment`],
  'public URL': ['PUBLIC_URL', SYSTEM],
  proxy: ['PROXY', NETWORK],
};

function ofInstance({ checks, warnings, envKeys, isOpen, untrustedForwarders }: InstanceFacts): AttentionItem[] {
  const items: AttentionItem[] = [];
  for (const { name, state, words } of checks) {
    const [code, link] = CHECKS[name] ?? ['SETTING', SYSTEM];
    if (state !== 'pass') items.push(item(code, state === 'fail' ? 'problem' : 'warning', words, link));
  }
  // A look at the keys of the environment has told of weak ones already.
  for (const { code, words } of warnings)
    if (code !== 'WEAK_ENV_KEY') items.push(item('SETTING', 'warning', `${code}: ${words}`, SYSTEM));
  if (envKeys > 0) {
    const words = `${are(envKeys, 'key is', 'keys are')} set in the environment. Adopted, each can be bounded, rotated and revoked here.`;
    items.push({ ...item('ENV_KEYS_SET', 'notice', words, `${KEYS}?show=environment`), count: envKeys });
  }
  if (isOpen) {
    const words = 'Every address that reaches this server may call: neither ALLOWED_IPS nor a saved list names any.';
    items.push(item('OPEN_TO_EVERY_ADDRESS', 'notice', words, NETWORK));
  }
  const [peer] = untrustedForwarders;
  if (peer !== undefined) {
    const words = `${untrustedForwarders.join(', ')} said that ${untrustedForwarders.length === 1 ? 'it forwards' : 'they forward'} for others and ${untrustedForwarders.length === 1 ? 'is' : 'are'} not in TRUST_PROXY, so every caller behind has that address. If it is your proxy: TRUST_PROXY=${peer}`;
    const subjects = untrustedForwarders.slice(0, 5).map((address) => ({ id: address, name: address, link: null }));
    const count = untrustedForwarders.length;
    items.push({ ...item('UNTRUSTED_FORWARDING', 'warning', words, NETWORK), count, subjects });
  }
  return items;
}

function ofKeys({ unused, withoutExpiry, expiring, late }: SurveyedKeys): AttentionItem[] {
  const items: AttentionItem[] = [];
  if (late.count > 0) {
    const words = `${are(late.count, 'key is', 'keys are')} still used with an old secret whose grace is nearly over. Those callers are refused once it ends.`;
    items.push(ofSome('KEYS_OLD_SECRET_USED', 'warning', words, 'late', late));
  }
  if (expiring.count > 0) {
    const words = `${are(expiring.count, 'key ends', 'keys end')} within 14 days. Whoever uses one needs a new one by then.`;
    items.push(ofSome('KEYS_EXPIRING', 'warning', words, 'ending', expiring));
  }
  if (unused.count > 0) {
    const words = `${are(unused.count, 'key was', 'keys were')} not used for 90 days. Revoke what nobody needs.`;
    items.push(ofSome('KEYS_UNUSED', 'notice', words, 'unused', unused));
  }
  if (withoutExpiry.count > 0) {
    const words = `${are(withoutExpiry.count, 'key never ends', 'keys never end')}. A key that ends by itself does no harm once it is forgotten.`;
    items.push(ofSome('KEYS_WITHOUT_EXPIRY', 'notice', words, 'endless', withoutExpiry));
  }
  return items;
}

function are(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

type Severity = AttentionItem['severity'];

/** Leads to the list that they are on; where they are on several, to one of them: each is a link besides. */
function ofSome(code: Code, severity: Severity, words: string, concern: string, some: Some): AttentionItem {
  const [first = KEYS] = some.lists;
  const list = some.lists.has(KEYS) ? KEYS : first;
  return { ...item(code, severity, words, `${list}?concern=${concern}`), count: some.count, subjects: some.subjects };
}

function item(code: Code, severity: Severity, words: string, link: string | null): AttentionItem {
  return { code, severity, words, link, count: null, subjects: [] };
}
