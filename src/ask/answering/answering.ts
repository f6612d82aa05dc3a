import type { AskResult, Citation, CitationsEvent, DeltaEvent, FoundPassage } from '../../contract/ask.js';
import type { Egress, EgressLimits } from '../../egress/egress.js';
import { type Clock, toIso } from '../../kernel/clock.js';
import { GatehouseError, isGatehouseError } from '../../kernel/errors.js';
import type { Actor, Bounds } from '../../kernel/principal.js';
import { renderAnswer } from '../answer.js';
import { CitationReader } from './citation-reader.js';
import { type Completion, complete } from './complete.js';
import { type Context, contextOf } from './context.js';
import { usualModel } from './models.js';
import type { Plan } from './plan.js';
import { costOf } from './prices.js';
import { ANSWER_LIMITS, type ProviderFetchOptions, providerFetch } from './provider-fetch.js';
import type { Provider } from './providers.js';
import { recheck } from './recheck.js';
import type { CredentialSource } from './sources.js';

/** What an answer tells while it is made. */
export interface AnswerRun {
  readonly by: Omit<Actor, 'bounds'>;
  readonly signal: AbortSignal;
  progress(progress: { step: string; done: number; total: number }): void;
  emit(event: 'citations', data: CitationsEvent): void;
  emit(event: 'delta', data: DeltaEvent): void;
}

export interface AnsweringOptions {
  readonly credentials: CredentialSource;
  readonly egress: Egress;
  readonly clock: Clock;
  /** Default: {@link ANSWER_LIMITS}. */
  readonly limits?: EgressLimits;
}

export interface Question {
  readonly text: string;
  /** Best first. */
  readonly found: readonly FoundPassage[];
  /** Real path of the workspace. */
  readonly root: string;
  readonly plan: Plan;
}

/** What was found, quoted; no model is asked. */
export function answerFromFiles(found: readonly FoundPassage[], run: AnswerRun): AskResult {
  const citations = numbered(found, true);
  run.emit('citations', { citations });
  return { answer: renderAnswer(found), citations, ...NO_MODEL };
}

const NO_MODEL = { model: null, credentialId: null, usage: null, droppedCitations: 0 } as const;

/** Has a model answer over the passages that were found. @throws as `complete`, and what opening the credential throws */
export async function answerByModel(
  options: AnsweringOptions,
  provider: Provider,
  question: Question,
  run: AnswerRun,
): Promise<AskResult> {
  const { plan, found } = question;
  const passages = numbered(found, false);
  run.emit('citations', { citations: passages });
  run.progress({ step: 'asking', done: 0, total: 1 });
  try {
    const call = await openCall(options, provider, plan.bounds, run);
    const model = plan.model ?? (await usualModel(call));
    const parts = { question: question.text, passages, earlier: plan.earlier, prompt: plan.prompt };
    const ask = (tighter: boolean) => read({ ...call, model }, contextOf(parts, provider, tighter), run);
    const read1 = await ask(false).catch((error) => {
      // What a model takes is not known for certain before it is asked; nothing of an answer has come then.
      if (isGatehouseError(error) && error.code === 'PROVIDER_CONTEXT_TOO_LONG') return ask(true);
      throw error;
    });
    const { inputTokens, outputTokens } = read1.completion;
    const day = toIso(options.clock.nowMs()).slice(0, 10);
    const isListed = provider.protocol !== 'openai-compatible';
    const costUsd = isListed ? costOf(model, { inputTokens, outputTokens }, day) : null;
    return {
      ...(await checked(read1, question.root)),
      model,
      credentialId: provider.credential.id,
      usage: { inputTokens, outputTokens, costUsd },
    };
  } catch (error) {
    run.signal.throwIfAborted();
    throw withTheOtherWay(error);
  }
}

function numbered(found: readonly FoundPassage[], cited: boolean): Citation[] {
  return found.map((passage, at) => ({ number: at + 1, ...passage, cited }));
}

/** The key is opened here, for this one call, and nothing keeps it. */
async function openCall(
  { credentials, egress, limits = ANSWER_LIMITS }: AnsweringOptions,
  provider: Provider,
  bounds: Bounds,
  { by, signal }: AnswerRun,
): Promise<Omit<ProviderFetchOptions, 'model'>> {
  const opening = { purpose: 'ask', host: provider.host } as const;
  const opened = await credentials.open({ ...by, bounds }, provider.credential.id, opening);
  return { egress, provider, auth: await opened.auth(), limits, signal };
}

interface ReadAnswer {
  readonly answer: string;
  readonly reader: CitationReader;
  readonly context: Context;
  readonly completion: Completion;
}

async function read(call: ProviderFetchOptions, context: Context, run: AnswerRun): Promise<ReadAnswer> {
  const { provider, model, signal } = call;
  const reader = new CitationReader(context.shown);
  let answer = '';
  const tell = (text: string) => {
    if (text === '') return;
    answer += text;
    run.emit('delta', { text });
  };
  const pieces = complete({ provider, model, context, fetch: providerFetch(call), signal });
  for (;;) {
    const piece = await pieces.next();
    if (!piece.done) {
      tell(reader.take(piece.value));
      continue;
    }
    tell(reader.end());
    if (piece.value.isCut) tell('\n\n(The answer ends here: it reached the length that it may have.)');
    return { answer, reader, context, completion: piece.value };
  }
}

/** Holds what the answer cites against the files as they are now. */
async function checked({ answer, reader, context }: ReadAnswer, root: string) {
  const now = await Promise.all(context.shown.map((passage) => recheck(root, passage)));
  const there = now.filter((passage) => passage !== null);
  const isGone = [...reader.cited].some((number) => !there.some((passage) => passage.number === number));
  // Rare: while the model wrote, somebody took the lines away that it speaks of.
  const again = isGone ? new CitationReader(there) : null;
  const text = again === null ? answer : again.take(answer) + again.end();
  const cited = (again ?? reader).cited;
  const used = there.filter(({ number }) => cited.has(number)).map((passage) => ({ ...passage, cited: true }));
  return {
    answer: text.trim(),
    // It may well rest on them, and whoever reads it can see.
    citations: used.length > 0 ? used : there,
    droppedCitations: reader.dropped + (again?.dropped ?? 0),
  };
}

/** Whose provider fails still has the files. */
function withTheOtherWay(error: unknown): unknown {
  if (!isGatehouseError(error) || !/^(PROVIDER_|UPSTREAM_|EGRESS_)/.test(error.code)) return error;
  const { code, detail, retryAfterSeconds, cause } = error;
  const facts = { ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }), cause };
  return new GatehouseError(code, `${detail} With credentialId null the passages are answered without a model.`, facts);
}
