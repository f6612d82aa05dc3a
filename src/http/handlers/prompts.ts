import type { Gatehouse } from '../../gatehouse.js';
import type { Handlers } from '../handler.js';

type Act = 'create' | 'show' | 'replace' | 'delete';
type PromptRoutes = Pick<Handlers, 'listPrompts' | `${Act}Prompt` | 'showPromptVersion' | 'listModels'>;

export function promptHandlers({ prompts, models }: Gatehouse): PromptRoutes {
  const nameIn = (params: Readonly<Record<string, string>>) => params['prompt'] ?? '';
  return {
    listPrompts: ({ caller, query }) => prompts.list(caller.bounds, query),
    createPrompt: async ({ caller, body }) => ({ prompt: await prompts.create(caller, body) }),
    showPrompt: ({ caller, params, query }) => prompts.show(caller.bounds, query.organizationId, nameIn(params)),
    showPromptVersion: ({ caller, params, query }) => ({
      prompt: prompts.showVersion(caller.bounds, query.organizationId, nameIn(params), params['version'] ?? ''),
    }),
    replacePrompt: async ({ caller, params, query, body }) => ({
      prompt: await prompts.replace(caller, query.organizationId, nameIn(params), body),
    }),
    deletePrompt: async ({ caller, params, query }) => ({
      prompt: await prompts.remove(caller, query.organizationId, nameIn(params)),
    }),
    listModels: ({ caller, query }) => models.list(caller, query),
  };
}
