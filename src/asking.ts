import { join } from 'node:path';
import type { AnsweringSources } from './ask/answering/sources.js';
import type { Config } from './config/config.js';
import { Ask } from './contract/ask.js';
import type { CredentialUser } from './contract/credentials.js';
import type { Jobs } from './jobs/jobs.js';
import type { DataFolder } from './store/data-folder.js';
import type { Vault } from './vault/vault.js';
import type { Ownership } from './workspaces/ownership.js';

/** The rooms that answering asks of; given when they are needed, since the queue is opened after it. */
export interface AnsweringRooms {
  readonly vault: Vault;
  readonly jobs: Jobs;
  readonly ownership: Ownership;
}

/** What `ask` needs of other rooms, none of which it knows. */
export function answeringSources(rooms: () => AnsweringRooms): AnsweringSources {
  return {
    credentials: {
      describe(workspaceId, idOrName) {
        const found = rooms().vault.describe(workspaceId, idOrName);
        return found === null ? null : { ...found, type: found.type.id };
      },
      workspaceOf: (credentialId) => rooms().vault.workspaceOf(credentialId),
      open: (by, credentialId, opening) => rooms().vault.source.open(by, credentialId, opening),
    },
    prompts: null,
    earlier: {
      async find(bounds, jobId) {
        const { job, input, result } = await rooms().jobs.read(bounds, jobId);
        const { question, previousJobId = null } = Ask.parse(input);
        return { workspaceId: job.workspaceId, question, previousJobId, result };
      },
    },
    defaultProvider: (workspaceId) => rooms().ownership.defaultProviderOf(workspaceId),
  };
}

/** Where indexes go, and what they may take. */
export function indexing(config: Config, folder: DataFolder, ownership: Ownership) {
  return {
    folder: join(folder.statePath, 'index'),
    memoryBytes: config.askMemoryMb * 1_000_000,
    rulesOf: (workspaceId: string) => ownership.rulesOf(workspaceId),
  };
}

/** The workspaces that a credential answers for, as those who would fail without it. */
export function answersFor(ownership: Ownership, credentialId: string): CredentialUser[] {
  return ownership.defaultsOn(credentialId).map((id) => ({ kind: 'workspace', id, name: id }));
}
