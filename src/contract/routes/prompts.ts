import { ListModels, ModelList } from '../models.js';
import {
  CreatePrompt,
  InOrganization,
  ListPrompts,
  PromptList,
  PromptOnly,
  PromptShown,
  ReplacePrompt,
} from '../prompts.js';
import { base, change, K, type RouteSpec } from '../route-spec.js';

const read = { ...base, authModes: K, scopes: ['agents:read'] } as const;
const write = { ...change, authModes: K, scopes: ['agents:write'] } as const;
const item = '/api/prompts/:prompt';

/** Instructions that are saved for questions and agents, and the models that read them. */
export const promptRoutes = {
  listPrompts: {
    ...read,
    method: 'GET',
    path: '/api/prompts',
    summary: 'The prompts of an organization, by name.',
    query: ListPrompts,
    answer: PromptList,
  },
  createPrompt: {
    ...write,
    method: 'POST',
    path: '/api/prompts',
    summary: 'Save a prompt.',
    body: CreatePrompt,
    bodyLimitBytes: 262_144,
    status: 201,
    answer: PromptOnly,
  },
  showPrompt: {
    ...read,
    method: 'GET',
    path: item,
    summary: 'One prompt, by id or name, and the versions that are kept.',
    query: InOrganization,
    answer: PromptShown,
  },
  showPromptVersion: {
    ...read,
    method: 'GET',
    path: `${item}/versions/:version`,
    summary: 'A prompt as it was in one version.',
    query: InOrganization,
    answer: PromptOnly,
  },
  replacePrompt: {
    ...write,
    method: 'PUT',
    path: item,
    summary: 'Make the next version of a prompt.',
    query: InOrganization,
    body: ReplacePrompt,
    bodyLimitBytes: 262_144,
    answer: PromptOnly,
  },
  deletePrompt: {
    ...write,
    method: 'DELETE',
    path: item,
    summary: 'Delete a prompt with all its versions.',
    query: InOrganization,
    answer: PromptOnly,
  },
  listModels: {
    ...read,
    method: 'GET',
    path: '/api/models',
    summary: 'The models that each credential can use, as its vendor says; for holders of `credentials:use`.',
    query: ListModels,
    answer: ModelList,
  },
} as const satisfies Record<string, RouteSpec>;
