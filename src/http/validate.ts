import type { z } from 'zod';
import { GatehouseError } from '../kernel/errors.js';

const MAX_ISSUES = 5;

/**
 * Checks input against its schema.
 * @throws GatehouseError `BAD_REQUEST` naming every field at fault; values are never repeated
 */
export function checked<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const { issues } = result.error;
  const words = issues.slice(0, MAX_ISSUES).map(describeIssue);
  const more = issues.length > MAX_ISSUES ? `; and ${issues.length - MAX_ISSUES} more` : '';
  throw new GatehouseError('BAD_REQUEST', `${words.join('; ')}${more}.`);
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  const at = path === '' ? '' : `${path.slice(0, 100)}: `;
  if (issue.code === 'unrecognized_keys') {
    return `${at}unknown field ${issue.keys
      .slice(0, 5)
      .map((key) => JSON.stringify(key.slice(0, 50)))
      .join(', ')}`;
  }
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined'))
    return `${at}is missing (a ${issue.expected})`;
  return `${at}${issue.message}`;
}
