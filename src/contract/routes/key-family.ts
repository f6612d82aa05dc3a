import type { z } from 'zod';
import type { Fresh } from '../fresh.js';
import { KeyList, KeyOnly, KeyWithToken, ListKeys, RevokeKey, RotateKey } from '../keys.js';
import { type AuthMode, base, change } from '../route-spec.js';
import { KeyUsage, KeyUsageQuery } from '../usage.js';

/**
 * The routes that every family of keys has: API keys, service keys, MCP tokens.
 * @param one - in sentences: `an API key`
 * @param freshMade - when making one needs a fresh proof of people
 */
export function keyRoutes<Create extends z.ZodType, Update extends z.ZodType>(
  path: string,
  one: string,
  many: string,
  authModes: readonly AuthMode[],
  create: Create,
  update: Update,
  freshMade: Fresh = ['scopes'],
) {
  const read = { ...base, authModes, scopes: ['keys:read'] } as const;
  const write = { ...change, authModes, scopes: ['keys:write'] } as const;
  const item = `${path}/:id`;
  return {
    list: { ...read, method: 'GET', path, summary: `List ${many}, newest first.`, query: ListKeys, answer: KeyList },
    create: {
      ...write,
      method: 'POST',
      path,
      summary: `Make ${one}. The token is in this answer and nowhere else.`,
      fresh: freshMade,
      body: create,
      status: 201,
      answer: KeyWithToken,
    },
    show: { ...read, method: 'GET', path: item, summary: 'One of them.', answer: KeyOnly },
    usage: {
      ...read,
      method: 'GET',
      path: `${item}/usage`,
      summary: 'What it sent, by hour or day and outcome, and when it was used last.',
      query: KeyUsageQuery,
      answer: KeyUsage,
    },
    update: {
      ...write,
      method: 'PATCH',
      path: item,
      summary: 'Change its name, note or bounds, or end its rotation grace now.',
      fresh: ['scopes'],
      body: update,
      answer: KeyOnly,
    },
    rotate: {
      ...write,
      method: 'POST',
      path: `${item}/rotate`,
      summary: 'Give it a new secret; the old one works through the grace.',
      fresh: true,
      body: RotateKey,
      answer: KeyWithToken,
    },
    revoke: {
      ...write,
      method: 'POST',
      path: `${item}/revoke`,
      summary: 'End it now.',
      body: RevokeKey,
      answer: KeyOnly,
    },
    delete: { ...write, method: 'DELETE', path: item, summary: 'The same as revoke.', answer: KeyOnly },
  } as const;
}
