import type { GatehouseError } from '../api/call.js';

/** One thing that is wrong with one field. */
export interface FieldError {
  readonly field: string;
  /** Of a list: which entry, from 0. */
  readonly index: number | null;
  readonly words: string;
}

/**
 * What a refusal says about single fields: `name: must not be empty; allowedIps[1]: is no address.` Empty when it is
 * not about fields; then it is shown whole.
 */
export function fieldErrors(error: GatehouseError | null): FieldError[] {
  if (error === null || error.code !== 'BAD_REQUEST') return [];
  const found: FieldError[] = [];
  for (const part of error.detail.split(/; (?=[a-zA-Z]+(?:\[\d+\])?(?:\.[a-zA-Z]+)*: )/)) {
    const [, field, index, words] = /^([a-zA-Z]+)(?:\[(\d+)\])?(?:\.[a-zA-Z]+)*: (.*)$/s.exec(part) ?? [];
    if (field !== undefined && words !== undefined)
      found.push({ field, index: index === undefined ? null : Number(index), words });
  }
  return found;
}
