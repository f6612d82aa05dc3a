import type { CredentialType } from './schema.js';
import { type FieldValues, fieldsIn, fill, fillList, hostOf, pathSegment } from './template.js';

/** Names of the fields that decide which host is called: whoever changes one has to give every secret again. */
export function hostFieldsOf(type: CredentialType): ReadonlySet<string> {
  return new Set([type.baseUrl ?? '', ...type.allowedHosts, type.exchange?.tokenUrl ?? ''].flatMap(fieldsIn));
}

/**
 * Every host that this credential may be sent to: lower case, with a port unless it is 443; `*.` covers one label.
 * @param optionalHosts - those of the type's `optionalHosts` that were turned on
 */
export function hostsOf(type: CredentialType, values: FieldValues, optionalHosts: readonly string[] = []): string[] {
  const hosts = type.allowedHosts.flatMap((template) => fillList(template, values));
  return [...new Set([...hosts, ...optionalHosts].map(normalHost))];
}

/** Hosts that get the token exchange and nothing else. */
export function exchangeHostsOf(type: CredentialType, values: FieldValues): string[] {
  return (type.exchangeHosts ?? []).flatMap((template) => fillList(template, values)).map(normalHost);
}

/**
 * Where requests with this credential go, without a slash at the end; `null`: nowhere over HTTP.
 * @throws TypeError when the fields make no URL
 */
export function baseUrlOf(type: CredentialType, values: FieldValues): string | null {
  if (type.baseUrl === null || type.protocol !== undefined) return null;
  // A URL field stands for the whole; in every other template a value is a host label or one segment of the path.
  const whole = /^\{\w+\}$/.test(type.baseUrl);
  const url = fill(type.baseUrl, values, whole ? undefined : pathSegment);
  return url === null ? null : new URL(url).href.replace(/\/$/, '');
}

/** Whether `host` (as `hostOf` writes it) is among `allowed`. */
export function allowsHost(allowed: readonly string[], host: string): boolean {
  const wanted = normalHost(host);
  return allowed.some((entry) => {
    if (!entry.startsWith('*.')) return entry === wanted;
    const dot = wanted.indexOf('.');
    return dot > 0 && wanted.slice(dot + 1) === entry.slice(2);
  });
}

function normalHost(host: string): string {
  const lower = host.toLowerCase().replace(/\.(?=$|:)/, '');
  // A URL writes foreign alphabets as the wire has them; a wildcard and what is no host stay as they are.
  const url = lower.startsWith('*.') ? null : parseUrl(`https://${lower}`);
  return url === null ? lower : hostOf(url);
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
