import { isDeepStrictEqual } from 'node:util';
import type { Audit } from '../audit/audit.js';
import { audited } from '../audit/audited.js';
import { changesOf } from '../audit/changes.js';
import type { PageOf } from '../contract/fields.js';
import {
  type CreatePrompt,
  type ListPrompts,
  MAX_PROMPTS,
  type PromptShown,
  type PromptVariables,
  type PromptView,
  type ReplacePrompt,
} from '../contract/prompts.js';
import { type Clock, toIso } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import type { Logger } from '../kernel/logger.js';
import type { Actor, Bounds } from '../kernel/principal.js';
import { type Collection, type Draft, openCollection } from '../store/collection.js';
import type { DataFolder } from '../store/data-folder.js';
import { currentOf, PromptRecord, type StoredVersion, versionsOf, viewOf, withVersion } from './record.js';
import { renderPrompt, variablesFor } from './render.js';

/** A prompt as a model gets it. */
export interface ResolvedPrompt {
  readonly id: string;
  readonly version: number;
  readonly text: string;
}

/** For rooms that put prompts before a model. */
export interface PromptSource {
  /**
   * The version that holds, with its variables put in.
   * @param promptId - its id, or its name in the organization
   * @throws GatehouseError `NOT_FOUND` for a foreign and an unknown prompt alike; `BAD_REQUEST` for variables that are
   *   missing or that it does not have
   */
  resolve(by: Bounds, organizationId: string, promptId: string, variables?: PromptVariables): ResolvedPrompt;
}

/** Instructions that an organization saves for questions and agents. */
export class Prompts implements PromptSource {
  readonly #records: Collection<PromptRecord>;
  readonly #audit: Audit;
  readonly #clock: Clock;

  constructor(records: Collection<PromptRecord>, audit: Audit, clock: Clock) {
    this.#records = records;
    this.#audit = audit;
    this.#clock = clock;
  }

  /** By name; the cursor is the name that the page before ended with. */
  list(by: Bounds, query: ListPrompts): PageOf<PromptView> {
    const { organizationId } = by.require({ organizationId: query.organizationId });
    const after = query.cursor ?? '';
    const seen = this.#of(organizationId)
      .map((record) => viewOf(record, currentOf(record)))
      .filter(({ name }) => name > after)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const data = seen.slice(0, query.limit);
    return { data, nextCursor: seen.length > data.length ? (data[data.length - 1]?.name ?? null) : null };
  }

  show(by: Bounds, organizationId: string | undefined, idOrName: string): PromptShown {
    const record = this.#require(by, organizationId, idOrName);
    return { prompt: viewOf(record, currentOf(record)), versions: versionsOf(record) };
  }

  /** What names a prompt to people, and tells who may know of it. */
  named(id: string): { readonly organizationId: string; readonly name: string } | undefined {
    const record = this.#records.get(id);
    return record && { organizationId: record.organizationId, name: currentOf(record).name };
  }

  /** @param wanted - a number, as it stands in the path */
  showVersion(by: Bounds, organizationId: string | undefined, idOrName: string, wanted: string): PromptView {
    const record = this.#require(by, organizationId, idOrName);
    const version = record.versions.find((candidate) => String(candidate.version) === wanted);
    if (version === undefined)
      throw new GatehouseError('NOT_FOUND', 'There is no such version of this prompt, or none that is kept any more.');
    return viewOf(record, version);
  }

  /** @throws GatehouseError `CONFLICT` for a name that is taken; `BAD_REQUEST` for places without a variable */
  async create(by: Actor, request: CreatePrompt): Promise<PromptView> {
    const { organizationId } = by.bounds.require({ organizationId: request.organizationId });
    const { at, actor } = this.#now(by);
    const { name, text, description = '' } = request;
    const variables = variablesFor(text, request.variables);
    const version = { version: 1, name, description, text, variables, updatedAt: at, updatedBy: actor };
    const record = { id: newId('prm'), organizationId, createdAt: at, createdBy: actor, versions: [version] };
    const plan = (draft: Pick<Draft<PromptRecord>, 'values'>) => {
      const own = [...draft.values()].filter((other) => other.organizationId === organizationId);
      if (own.length >= MAX_PROMPTS)
        throw new GatehouseError('CONFLICT', `An organization has at most ${MAX_PROMPTS} prompts.`);
      requireFree(own, name, null);
    };
    // Refused before the audit log promises a change.
    plan(this.#records);
    const event = { action: 'prompt.create', target: record.id, organizationId, detail: { name } };
    await audited(this.#audit, by, event, () =>
      this.#records.change((draft) => {
        plan(draft);
        draft.put(record);
      }),
    );
    return viewOf(record, version);
  }

  /** Makes the next version. @throws GatehouseError `CONFLICT` also when `baseVersion` is not the one that holds */
  async replace(
    by: Actor,
    organizationId: string | undefined,
    idOrName: string,
    request: ReplacePrompt,
  ): Promise<PromptView> {
    const seen = this.#require(by.bounds, organizationId, idOrName);
    const { at, actor } = this.#now(by);
    const { name, text, description, baseVersion } = request;
    const variables = variablesFor(text, request.variables);
    const plan = (draft: Pick<Draft<PromptRecord>, 'get' | 'values'>) => {
      const record = draft.get(seen.id);
      if (record === undefined) throw noSuchPrompt();
      const before = currentOf(record);
      if (baseVersion !== undefined && baseVersion !== before.version)
        throw new GatehouseError('CONFLICT', `Somebody has changed it: version ${before.version} holds by now.`);
      const own = [...draft.values()].filter((other) => other.organizationId === record.organizationId);
      requireFree(own, name, record.id);
      const words = { name, description: description ?? before.description, text, variables };
      const next = { version: before.version + 1, ...words, updatedAt: at, updatedBy: actor };
      return { record: { ...record, versions: withVersion(record.versions, next) }, next, before };
    };
    const { next, before } = plan(this.#records);
    const event = {
      action: 'prompt.update',
      target: seen.id,
      organizationId: seen.organizationId,
      detail: { name, version: next.version },
      changes: changesOf(namesOf(before), namesOf(next), changedTexts(before, next)),
    };
    return audited(this.#audit, by, event, () =>
      this.#records.change((draft) => {
        const made = plan(draft);
        draft.put(made.record);
        return viewOf(made.record, made.next);
      }),
    );
  }

  async remove(by: Actor, organizationId: string | undefined, idOrName: string): Promise<PromptView> {
    const record = this.#require(by.bounds, organizationId, idOrName);
    const view = viewOf(record, currentOf(record));
    const detail = { name: view.name };
    const event = { action: 'prompt.delete', target: record.id, organizationId: record.organizationId, detail };
    await audited(this.#audit, by, event, () => this.#records.change((draft) => draft.remove(record.id)));
    return view;
  }

  resolve(by: Bounds, organizationId: string, promptId: string, variables: PromptVariables = {}): ResolvedPrompt {
    const record = this.#find(organizationId, promptId);
    by.require({ organizationId });
    if (record === undefined)
      throw new GatehouseError('NOT_FOUND', 'promptId: there is no such prompt. GET /api/prompts lists them.');
    const { version, text, variables: known } = currentOf(record);
    return { id: record.id, version, text: renderPrompt(text, known, variables) };
  }

  close(): Promise<void> {
    return this.#records.close();
  }

  #of(organizationId: string): PromptRecord[] {
    return [...this.#records.values()].filter((record) => record.organizationId === organizationId);
  }

  #find(organizationId: string, idOrName: string): PromptRecord | undefined {
    return this.#of(organizationId).find((record) => record.id === idOrName || currentOf(record).name === idOrName);
  }

  #require(by: Bounds, wanted: string | undefined, idOrName: string): PromptRecord {
    const { organizationId } = by.require({ organizationId: wanted });
    // An id says whose it is; those who reach every organization need not say so again.
    const byId = this.#records.get(idOrName);
    const seesAll = by.principal.operator && wanted === undefined;
    const record = seesAll && byId !== undefined ? byId : this.#find(organizationId, idOrName);
    if (record === undefined) throw noSuchPrompt();
    return record;
  }

  #now(by: Actor): { at: string; actor: string } {
    return { at: toIso(this.#clock.nowMs()), actor: by.bounds.principal.id };
  }
}

/** @throws GatehouseError `STORE_UNAVAILABLE` when `.gatehouse/prompts.json` is damaged */
export async function openPrompts(options: {
  readonly folder: DataFolder;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<Prompts> {
  const { folder, audit, clock, log } = options;
  const records = await openCollection<PromptRecord>({
    folder,
    clock,
    log,
    file: '.gatehouse/prompts.json',
    member: 'prompts',
    schemaVersion: 1,
    parse: (record) => PromptRecord.parse(record),
  });
  return new Prompts(records, audit, clock);
}

function namesOf({ name, description }: StoredVersion): object {
  return { name, description };
}

/** Versions keep the texts, and can be deleted; lines of the log cannot. */
function changedTexts(before: StoredVersion, after: StoredVersion): string[] {
  return (['text', 'variables'] as const).filter((field) => !isDeepStrictEqual(before[field], after[field]));
}

function requireFree(records: readonly PromptRecord[], name: string, own: string | null): void {
  if (records.some((record) => record.id !== own && currentOf(record).name === name))
    throw new GatehouseError('CONFLICT', `name: ${name} is taken in this organization.`);
}

function noSuchPrompt(): GatehouseError {
  return new GatehouseError('NOT_FOUND', 'There is no such prompt. GET /api/prompts lists them.');
}
