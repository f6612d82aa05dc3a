import type { GatehouseError } from '../../api/call.js';

export const HOSTS_SPLIT = /[\s,]+/;

/** What the server found wrong, by field: its sentences begin with the name of one. */
export function faultsOf(error: GatehouseError | null, fields: readonly string[]): Readonly<Record<string, string>> {
  if (error?.status !== 400) return {};
  const found: Record<string, string> = {};
  for (const part of error.detail.split('; ')) {
    const [, field, words] = /^([A-Za-z]+)(?:\.[\w.]+)?: (.+)$/s.exec(part) ?? [];
    if (field !== undefined && words !== undefined && fields.includes(field)) found[field] = words;
  }
  return found;
}
