import {
  type CredentialModels,
  type ListModels,
  MODEL_TYPES,
  type ModelList,
  type ModelView,
} from '../contract/models.js';
import { type Clock, toIso } from '../kernel/clock.js';
import { GatehouseError, isGatehouseError } from '../kernel/errors.js';
import type { Actor, Bounds } from '../kernel/principal.js';
import { holdsScope } from '../kernel/scopes.js';
import { type ModelType, VENDORS } from './vendors.js';

/** A credential whose vendor has models. */
export interface ModelCredential {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly workspaceId: string;
  /** Another one after every change of the credential. */
  readonly version: string;
  readonly host: string;
}

/** Where vendors are asked; the room `vault` fits it. */
export interface VendorQuestions {
  list(by: Bounds, typeIds: readonly string[]): ModelCredential[];
  get(
    by: Actor,
    credential: ModelCredential,
    purpose: string,
    path: string,
  ): Promise<{ readonly status: number; readonly text: string }>;
}

export interface ModelsOptions {
  readonly vendors: VendorQuestions;
  readonly organizationOf: (workspaceId: string) => string | null;
  readonly clock: Clock;
}

const REMEMBERED_FOR_MS = 600_000;
/** Whoever asks anew and anew is answered from memory. */
const REFRESHED_AFTER_MS = 10_000;
const MAX_CREDENTIALS = 50;
const AT_ONCE = 6;
const MAX_MODELS = 1000;
const MAX_REMEMBERED = 1000;

/** What was answered for one credential, as long as it is what it was. */
interface Remembered {
  readonly version: string;
  readonly atMs: number;
  readonly models: readonly ModelView[];
}

/** Which models each credential can use, as its vendor says. */
export class Models {
  readonly #o: ModelsOptions;
  readonly #remembered = new Map<string, Remembered>();

  constructor(options: ModelsOptions) {
    this.#o = options;
  }

  /**
   * A vendor that cannot be asked, or refuses the credential, is an entry with `error`, and no failed answer.
   * @throws GatehouseError for a foreign organization or workspace
   */
  async list(by: Actor, query: ListModels): Promise<ModelList> {
    const { workspaceId } = query;
    const { organizationId } = by.bounds.require({ organizationId: query.organizationId, workspaceId });
    const { principal } = by.bounds;
    // What nobody lets them use says nothing to them about what they can use.
    if (!holdsScope(principal.scopes, 'credentials:use')) return { data: [], more: 0 };
    const everywhere = principal.operator && query.organizationId === undefined;
    const wanted = this.#o.vendors
      .list(by.bounds, MODEL_TYPES)
      .filter((one) => workspaceId === undefined || one.workspaceId === workspaceId)
      .filter((one) => everywhere || this.#o.organizationOf(one.workspaceId) === organizationId)
      .sort((a, b) => (`${a.workspaceId}/${a.name}` < `${b.workspaceId}/${b.name}` ? -1 : 1));
    const asked = wanted.slice(0, MAX_CREDENTIALS);
    const data: CredentialModels[] = [];
    for (let from = 0; from < asked.length; from += AT_ONCE) {
      const some = asked.slice(from, from + AT_ONCE);
      data.push(...(await Promise.all(some.map((one) => this.#of(by, one, query.refresh === 'true')))));
    }
    return { data, more: wanted.length - asked.length };
  }

  async #of(by: Actor, credential: ModelCredential, refresh: boolean): Promise<CredentialModels> {
    const { id, name, workspaceId } = credential;
    const type = credential.type as ModelType;
    const own = { credentialId: id, credentialName: name, workspaceId, type };
    try {
      const { models, atMs } = this.#fresh(credential, refresh) ?? (await this.#ask(by, credential, type));
      return { ...own, models: [...models], fetchedAt: toIso(atMs), error: null };
    } catch (error) {
      if (!isGatehouseError(error)) throw error;
      return { ...own, models: [], fetchedAt: null, error: { code: error.code, detail: error.detail } };
    }
  }

  #fresh({ id, version }: ModelCredential, refresh: boolean): Remembered | null {
    const known = this.#remembered.get(id);
    const goodForMs = refresh ? REFRESHED_AFTER_MS : REMEMBERED_FOR_MS;
    if (known?.version !== version || this.#o.clock.nowMs() - known.atMs >= goodForMs) return null;
    return known;
  }

  async #ask(by: Actor, credential: ModelCredential, type: ModelType): Promise<Remembered> {
    const { path, read } = VENDORS[type];
    const { status, text } = await this.#o.vendors.get(by, credential, 'models', path);
    requireGood(credential.host, type, status);
    const remembered = {
      version: credential.version,
      atMs: this.#o.clock.nowMs(),
      models: inOrder(readOr(credential.host, text, read)),
    };
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size >= MAX_REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
    this.#remembered.set(credential.id, remembered);
    return remembered;
  }
}

function requireGood(host: string, type: ModelType, status: number): void {
  if (status >= 200 && status < 300) return;
  const refuses = status === 401 || status === 403 || (type === 'gemini' && status === 400);
  if (refuses)
    throw new GatehouseError(
      'UPSTREAM_BAD_ANSWER',
      `${host} does not let this credential list models (${status}). Test it; a restricted key may still answer questions.`,
    );
  if (status === 429) throw new GatehouseError('RATE_LIMITED', `${host} is asked too often now. Ask again later.`);
  throw new GatehouseError('UPSTREAM_BAD_ANSWER', `${host} answers ${status} where it should list its models.`);
}

function readOr(host: string, text: string, read: (answer: unknown) => ModelView[]): ModelView[] {
  try {
    return read(JSON.parse(text));
  } catch {
    throw new GatehouseError('UPSTREAM_BAD_ANSWER', `${host} answers with something that is no list of models.`);
  }
}

/** What can be named in a question, by id; a vendor's words are shown to people and are kept to one short line. */
function inOrder(models: readonly ModelView[]): ModelView[] {
  const isPlain = (text: string) => text.length > 0 && text.length <= 200 && !UNPRINTABLE.test(text);
  const byId = new Map(models.filter(({ id }) => isPlain(id)).map((model) => [model.id, model]));
  return [...byId.values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .slice(0, MAX_MODELS)
    .map((model) => (model.name !== null && isPlain(model.name) ? model : { ...model, name: null }));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
