import { resolve } from 'node:path';
import { ENVIRONMENTS } from '../contract/fields.js';
import { WEAK_UNDER_CHARACTERS } from '../contract/keys.js';
import { CLIENT_PRESET } from '../contract/scopes.js';
import { parseMasterKey } from '../kernel/key-text.js';
import { LOG_LEVELS } from '../kernel/logger.js';
import * as parsers from './parsers.js';
import { lookUp, type RawSettings, readSources } from './sources.js';

interface Setting<T> {
  readonly name: string;
  readonly isSecret: boolean;
  readonly parse: (text: string) => T;
  /** What it is when it is not set, and how `config show` says so. */
  readonly fallback: T;
  readonly fallbackWords: string;
}

function setting<T>(name: string, parse: (text: string) => T, fallback: T, fallbackWords: string): Setting<T> {
  return { name, isSecret: false, parse, fallback, fallbackWords };
}

function secret<T>(name: string, parse: (text: string) => T, fallback: T, fallbackWords: string): Setting<T> {
  return { name, isSecret: true, parse, fallback, fallbackWords };
}

const optional =
  <T>(parse: (text: string) => T) =>
  (text: string): T | null =>
    parse(text);

/** Every setting, in the order of `.env.local.example`. */
const SETTINGS = {
  adminKey: secret('ADMIN_API_KEY', optional(parsers.envKey), null, 'no admin key'),
  clientKeys: secret('VALID_API_KEYS', parsers.envKeys, [] as string[], 'no client keys'),
  rateLimit: setting('API_RATE_LIMIT', parsers.hourlyLimit, parsers.hourlyLimit('100'), '100'),
  allowedIps: setting('ALLOWED_IPS', parsers.allowedNetworks, null, '* (every address)'),
  trustProxy: setting('TRUST_PROXY', parsers.trustedProxies, null, 'none'),
  host: setting('HOST', (text) => text, '127.0.0.1', '127.0.0.1'),
  port: setting('PORT', parsers.wholeNumber(0, 65_535), 3000, '3000'),
  corsOrigins: setting('CORS_ORIGINS', parsers.origins, [] as string[], 'none'),
  publicUrl: setting('PUBLIC_URL', optional(parsers.publicUrl), null, 'unknown; tokens name the instance instead'),
  basePath: setting('BASE_PATH', parsers.basePath, '', '/'),
  proxyDomain: setting('PROXY_DOMAIN', optional(parsers.domain), null, 'none; the proxy answers by path only'),
  upstreamUrl: setting('UPSTREAM_URL', optional(parsers.upstreamUrl), null, 'none; no gateway'),
  gatewayPort: setting('GATEWAY_PORT', parsers.wholeNumber(0, 65_535), 3001, '3001'),
  upstreamTimeoutSeconds: setting('UPSTREAM_TIMEOUT', parsers.wholeNumber(1, 3600), 60, '60'),
  workspacesDir: setting('WORKSPACES_DIR', (text) => resolve(text), resolve('workspaces'), './workspaces'),
  masterKey: secret(
    'MASTER_KEY',
    optional(parseMasterKey),
    null,
    'workspaces/.gatehouse/master.key, made on first run',
  ),
  keyPrefix: setting('KEY_PREFIX', parsers.keyPrefix, 'gate', 'gate'),
  environment: setting('ENVIRONMENT', optional(parsers.oneOf(...ENVIRONMENTS)), null, 'keys of every environment'),
  signup: setting('SIGNUP', parsers.oneOf('off', 'invite', 'open'), 'invite', 'invite'),
  signupOrganization: setting('SIGNUP_ORGANIZATION', parsers.organizationId, 'org_default', 'org_default'),
  adminEmail: setting('ADMIN_EMAIL', optional(parsers.emailAddress), null, 'none; the first start prints a link'),
  adminPassword: secret('ADMIN_PASSWORD', optional(parsers.password), null, 'none'),
  smtpUrl: secret('SMTP_URL', optional(parsers.smtpUrl), null, 'no mail'),
  mailFrom: setting('MAIL_FROM', optional(parsers.mailFrom), null, 'gatehouse@ the host of PUBLIC_URL'),
  clientScopes: setting('CLIENT_SCOPES', parsers.scopes, [...CLIENT_PRESET] as string[], CLIENT_PRESET.join(' ')),
  socket: setting(
    'SOCKET',
    (text): string | undefined => (text === 'off' ? text : resolve(text)),
    undefined,
    '.gatehouse/gatehouse.sock',
  ),
  metrics: setting('METRICS', parsers.listenAddress, null, 'off'),
  auditMaxMb: setting('AUDIT_MAX_MB', parsers.wholeNumber(1, 100_000), 100, '100'),
  askMemoryMb: setting('ASK_MEMORY_MB', parsers.wholeNumber(16, 1_000_000), 256, '256'),
  logLevel: setting('LOG_LEVEL', parsers.oneOf(...LOG_LEVELS), 'info', 'info'),
} as const;

type Values = { readonly [K in keyof typeof SETTINGS]: (typeof SETTINGS)[K] extends Setting<infer T> ? T : never };

/** One line of `config show`. Secrets are told by their length only. */
export interface ShownSetting {
  readonly name: string;
  readonly value: string;
  readonly source: string;
}

/** Everything that can be set, checked and frozen. */
export interface Config extends Values {
  readonly shown: readonly ShownSetting[];
  /** Things that work but deserve a word at start, each with a stable code. */
  readonly warnings: readonly { readonly code: string; readonly words: string }[];
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly faults: readonly string[] };

/** Names of all settings, for the test that holds `.env.local.example` to them. */
export const SETTING_NAMES: readonly { name: string; isSecret: boolean }[] = Object.values(SETTINGS).map(
  ({ name, isSecret }) => ({ name, isSecret }),
);

/**
 * Reads all settings. Every fault is gathered, so that one start tells them all.
 * @param folder - where `.env.local` and `.env` are looked for; `null`: nowhere
 */
export function readConfig(environment: NodeJS.ProcessEnv, folder: string | null): ConfigResult {
  const raw = readSources(environment, folder);
  const faults = [...raw.faults];
  const values: Partial<Record<keyof Values, unknown>> = {};
  const shown: ShownSetting[] = [];
  for (const [field, definition] of Object.entries<Setting<unknown>>(SETTINGS) as [keyof Values, Setting<unknown>][]) {
    const { name, isSecret, parse, fallback, fallbackWords } = definition;
    try {
      const found = lookUp(raw, name, isSecret);
      values[field] = found === null ? fallback : parse(isSecret ? found.value : found.value.trim());
      shown.push(
        found === null
          ? { name, value: fallbackWords, source: 'default' }
          : {
              name,
              value: isSecret ? `set, ${found.value.length} characters` : found.value.trim(),
              source: found.source,
            },
      );
    } catch (error) {
      const { message } = error as Error;
      faults.push(message.startsWith(name) ? `${message}.` : `${name} ${message}.`);
    }
  }
  faults.push(...faultsTogether(values as Partial<Values>, raw));
  if (faults.length > 0) return { ok: false, faults };
  const config = values as Values;
  return { ok: true, config: Object.freeze({ ...config, shown, warnings: warningsOf(config, raw) }) };
}

/** What is wrong with settings that are right one by one. */
function faultsTogether(values: Partial<Values>, raw: RawSettings): string[] {
  const faults: string[] = [];
  const { adminKey, clientKeys, upstreamUrl, gatewayPort, host, port } = values;
  if (adminKey && clientKeys?.includes(adminKey))
    faults.push('VALID_API_KEYS holds the same key as ADMIN_API_KEY. Give clients keys of their own.');
  const { adminEmail, adminPassword, publicUrl, proxyDomain } = values;
  if (adminEmail !== undefined && adminPassword !== undefined && (adminEmail === null) !== (adminPassword === null))
    faults.push('ADMIN_EMAIL and ADMIN_PASSWORD (or ADMIN_PASSWORD_FILE) go together. Set both, or neither.');
  if (publicUrl && proxyDomain && new URL(publicUrl).hostname.endsWith(`.${proxyDomain}`)) {
    faults.push(
      'PROXY_DOMAIN covers the host of PUBLIC_URL, which would answer as the proxy alone. Use a domain below it.',
    );
  }
  if (upstreamUrl === null) {
    if (gatewayPort !== undefined && lookUp(raw, 'GATEWAY_PORT', false) !== null)
      faults.push('GATEWAY_PORT is set and UPSTREAM_URL is not. Name the app behind the gateway, or remove the port.');
  } else if (upstreamUrl !== undefined) {
    if (gatewayPort === port && port !== 0)
      faults.push(`GATEWAY_PORT and PORT are both ${port}. Give the gateway another port.`);
    const { hostname } = upstreamUrl;
    const isHere = hostname === host || /^(localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\])$/.test(hostname);
    const upstreamPort = Number(upstreamUrl.port || (upstreamUrl.protocol === 'https:' ? 443 : 80));
    if (isHere && (upstreamPort === port || upstreamPort === gatewayPort))
      faults.push(`UPSTREAM_URL is this Gatehouse itself (port ${upstreamPort}). Name the app behind it.`);
  }
  return faults;
}

function warningsOf(config: Values, raw: RawSettings): Config['warnings'] {
  const warnings: { code: string; words: string }[] = [];
  const weak = (name: string, keys: readonly string[]) => {
    const count = keys.filter((key) => key.length < WEAK_UNDER_CHARACTERS).length;
    if (count > 0)
      warnings.push({
        code: 'WEAK_ENV_KEY',
        words: `${name}: ${count} under ${WEAK_UNDER_CHARACTERS} characters. Make one with: openssl rand -hex 32`,
      });
  };
  weak('ADMIN_API_KEY', config.adminKey === null ? [] : [config.adminKey]);
  weak('VALID_API_KEYS', config.clientKeys);
  if (config.metrics !== null && !['127.0.0.1', '::1', 'localhost'].includes(config.metrics.host))
    warnings.push({
      code: 'OPEN_METRICS',
      words: `METRICS=${config.metrics.host}: whoever reaches that address reads the numbers without a key.`,
    });
  if (config.rateLimit === null)
    warnings.push({ code: 'NO_RATE_LIMIT', words: 'API_RATE_LIMIT=off: callers are not limited.' });
  if (config.smtpUrl !== null && config.publicUrl === null)
    warnings.push({ code: 'NO_MAIL', words: 'SMTP_URL needs PUBLIC_URL: without it no letter could hold a link.' });
  const known = new Set(SETTING_NAMES.flatMap(({ name, isSecret }) => (isSecret ? [name, `${name}_FILE`] : [name])));
  const unknown = raw.localNames.filter((name) => !known.has(name));
  if (unknown.length > 0)
    warnings.push({
      code: 'UNKNOWN_SETTING',
      words: `.env.local: ${unknown.join(', ')} is no setting of Gatehouse and does nothing.`,
    });
  return warnings;
}
