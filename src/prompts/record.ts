import * as z from 'zod';
import { OrganizationId, Timestamp } from '../contract/fields.js';
import {
  MAX_PROMPT_VERSIONS,
  PromptId,
  PromptName,
  type PromptShown,
  PromptVariable,
  type PromptView,
} from '../contract/prompts.js';

/** What a prompt was from one change to the next. */
export const StoredVersion = z.strictObject({
  version: z.int().min(1),
  name: PromptName,
  description: z.string(),
  text: z.string(),
  variables: z.array(PromptVariable),
  updatedAt: Timestamp,
  updatedBy: z.string(),
});
export type StoredVersion = z.infer<typeof StoredVersion>;

/** One line of `.gatehouse/prompts.json`. */
export const PromptRecord = z.strictObject({
  id: PromptId,
  organizationId: OrganizationId,
  createdAt: Timestamp,
  createdBy: z.string(),
  /** Oldest first; the last one holds. */
  versions: z.array(StoredVersion).min(1),
});
export type PromptRecord = z.infer<typeof PromptRecord>;

/** Characters of the versions of one prompt together: the file is in memory whole. */
const MAX_KEPT_CHARACTERS = 200_000;

export function currentOf({ versions }: PromptRecord): StoredVersion {
  return versions[versions.length - 1] as StoredVersion;
}

/** The versions with one more; the oldest go where there are too many. */
export function withVersion(versions: readonly StoredVersion[], next: StoredVersion): StoredVersion[] {
  const kept = [...versions, next].slice(-MAX_PROMPT_VERSIONS);
  const sizeOf = ({ text, variables }: StoredVersion) => text.length + JSON.stringify(variables).length;
  let characters = kept.reduce((sum, version) => sum + sizeOf(version), 0);
  while (kept.length > 1 && characters > MAX_KEPT_CHARACTERS) characters -= sizeOf(kept.shift() as StoredVersion);
  return kept;
}

export function viewOf({ id, organizationId, createdAt, createdBy }: PromptRecord, version: StoredVersion): PromptView {
  return { id, organizationId, ...version, createdAt, createdBy };
}

export function versionsOf({ versions }: PromptRecord): PromptShown['versions'] {
  return versions.map(({ version, updatedAt, updatedBy }) => ({ version, updatedAt, updatedBy })).reverse();
}
