import type { Ask } from '../../contract/ask.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { Bounds } from '../../kernel/principal.js';
import { holdsScope } from '../../kernel/scopes.js';
import type { Turn } from './context.js';
import { type Provider, providerOf } from './providers.js';
import type { AnsweringSources, DefaultProvider, ProviderCredential } from './sources.js';

/** How a question will be answered. */
export interface Plan {
  /** `null`: from the files alone. */
  readonly provider: Provider | null;
  /** `null`: the provider's usual one. */
  readonly model: string | null;
  /** In which the credential is opened: the caller's own, or with the default provider of the workspace in reach. */
  readonly bounds: Bounds;
  readonly prompt: string | null;
  /** Oldest first. */
  readonly earlier: readonly Turn[];
  /** What passages are looked for by: what is asked now, then what was asked before, newest first. */
  readonly searches: readonly string[];
}

const MAX_TURNS = 4;
const MAX_TURN_CHARACTERS = 6000;
/** An answer from the files alone quotes them; as a turn of a conversation its place is enough. */
const QUOTED_CHARACTERS = 400;

/**
 * Decides who answers, and gathers what was said before. Nothing is opened.
 * @throws GatehouseError `NOT_FOUND` for a credential, prompt or job that is unknown or out of bounds, alike;
 *   `FORBIDDEN` without `credentials:use`; `BAD_REQUEST` for what does not go together; `CONFLICT` for a default
 *   provider whose credential is gone
 */
export async function planOf(
  sources: AnsweringSources | null,
  bounds: Bounds,
  organizationId: string,
  request: Ask,
): Promise<Plan> {
  const chosen = choose(sources, bounds, request);
  if (chosen === null && request.model !== undefined)
    throw new GatehouseError('BAD_REQUEST', 'model: needs a credentialId, since without one no model is asked.');
  const prompt = await promptOf(sources, bounds, organizationId, request, chosen !== null);
  const earlier = await earlierOf(sources, bounds, request);
  return {
    provider: chosen === null ? null : providerOf(chosen.credential),
    model: request.model ?? chosen?.model ?? null,
    bounds: chosen?.bounds ?? bounds,
    prompt,
    earlier,
    searches: [request.question, ...earlier.map(({ question }) => question).reverse()],
  };
}

interface Chosen {
  readonly credential: ProviderCredential;
  readonly model: string | null;
  readonly bounds: Bounds;
}

function choose(sources: AnsweringSources | null, bounds: Bounds, request: Ask): Chosen | null {
  const { workspaceId, credentialId } = request;
  if (credentialId === null) return null;
  if (credentialId === undefined) return byDefault(sources, bounds, workspaceId);
  const credential = sources === null ? null : describe(sources, workspaceId, credentialId);
  // A name that nobody has is refused in the words for an id that nobody has.
  bounds.require({ credentialId: credential?.id ?? credentialId });
  if (credential === null) throw new GatehouseError('NOT_FOUND', 'credentialId: there is no such credential.');
  requireUse(bounds);
  return { credential, model: null, bounds };
}

function byDefault(sources: AnsweringSources | null, bounds: Bounds, workspaceId: string): Chosen | null {
  const set = sources?.defaultProvider(workspaceId) ?? null;
  if (sources === null || set === null) return null;
  const credential = sources.credentials.describe(workspaceId, set.credentialId);
  if (credential === null)
    throw new GatehouseError(
      'CONFLICT',
      'The default provider of this workspace names a credential that is gone. Set another one, or ask with credentialId null for the passages alone.',
    );
  return { credential, model: set.model, bounds: withCredential(bounds, credential.id) };
}

/** By id, wherever it is, or by its name in the workspace that is asked about. */
function describe({ credentials }: AnsweringSources, workspaceId: string, idOrName: string) {
  return credentials.describe(credentials.workspaceOf(idOrName) ?? workspaceId, idOrName);
}

function requireUse({ principal }: Bounds): void {
  if (holdsScope(principal.scopes, 'credentials:use')) return;
  throw new GatehouseError(
    'FORBIDDEN',
    'credentialId: needs the scope credentials:use. Without it, ask the default provider of the workspace or the files alone.',
  );
}

/** Whoever may ask in a workspace may have its default provider answer, and do nothing else with it. */
function withCredential(bounds: Bounds, credentialId: string): Bounds {
  return {
    principal: bounds.principal,
    seesWorkspace: (id) => bounds.seesWorkspace(id),
    seesCredential: (id) => id === credentialId || bounds.seesCredential(id),
    require: ({ credentialId: named, ...others }) =>
      bounds.require(named === credentialId ? others : { ...others, credentialId: named }),
  };
}

/**
 * Whether a credential may answer for everyone in a workspace. It has to lie there: it goes with the workspace, and a
 * key of another one would be paid for by people who do not know who asks.
 */
export function checkDefaultProvider(
  sources: AnsweringSources | null,
  bounds: Bounds,
  workspaceId: string,
  { credentialId, model }: DefaultProvider,
): DefaultProvider {
  bounds.require({ workspaceId });
  const credential = sources?.credentials.describe(workspaceId, credentialId) ?? null;
  bounds.require({ credentialId: credential?.id ?? credentialId });
  if (credential === null)
    throw new GatehouseError('BAD_REQUEST', 'credentialId: a default provider is a credential of the same workspace.');
  requireUse(bounds);
  providerOf(credential);
  return { credentialId: credential.id, model };
}

async function promptOf(
  sources: AnsweringSources | null,
  bounds: Bounds,
  organizationId: string,
  { promptId, promptVariables }: Ask,
  hasModel: boolean,
): Promise<string | null> {
  if (promptId === undefined) {
    if (promptVariables === undefined) return null;
    throw new GatehouseError('BAD_REQUEST', 'promptVariables: they are of a prompt. Name a promptId, too.');
  }
  const prompts = sources?.prompts ?? null;
  if (prompts === null) throw new GatehouseError('NOT_FOUND', 'promptId: there is no such prompt.');
  const { text } = await prompts.resolve(bounds, organizationId, promptId, promptVariables ?? {});
  if (hasModel) return text;
  throw new GatehouseError('BAD_REQUEST', 'promptId: needs a model to follow it. Name a credentialId, too.');
}

async function earlierOf(sources: AnsweringSources | null, bounds: Bounds, request: Ask): Promise<Turn[]> {
  const turns: Turn[] = [];
  let jobId = request.previousJobId ?? null;
  while (jobId !== null && turns.length < MAX_TURNS) {
    if (sources === null) throw noSuchJob();
    const found = await findEarlier(sources, bounds, jobId, turns.length > 0);
    // What came before the one that is named is told as far as it is still there.
    if (found === null) break;
    if (found.workspaceId !== request.workspaceId) throw noSuchJob();
    if (found.result === null)
      throw new GatehouseError('BAD_REQUEST', 'previousJobId: that job has no answer to go on from.');
    const { answer, model } = found.result;
    turns.unshift({
      question: found.question.slice(0, MAX_TURN_CHARACTERS),
      answer: answer.slice(0, model === null ? QUOTED_CHARACTERS : MAX_TURN_CHARACTERS),
    });
    jobId = found.previousJobId;
  }
  return turns;
}

function noSuchJob(): GatehouseError {
  return new GatehouseError('NOT_FOUND', 'previousJobId: there is no such job.');
}

async function findEarlier({ earlier }: AnsweringSources, bounds: Bounds, jobId: string, mayBeGone: boolean) {
  try {
    return await earlier.find(bounds, jobId);
  } catch (error) {
    if (!(error instanceof GatehouseError && error.code === 'NOT_FOUND')) throw error;
    if (mayBeGone) return null;
    throw noSuchJob();
  }
}
