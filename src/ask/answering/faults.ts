import { GatehouseError } from '../../kernel/errors.js';

/** What a provider said when it did not answer. */
export interface ProviderRefusal {
  readonly host: string;
  readonly model: string;
  /** `null`: in the middle of a stream. 200 with an error for a body is one, too. */
  readonly status: number | null;
  readonly retryAfter: string | null;
  /** JSON as text, or parsed; without secrets. */
  readonly body: unknown;
}

const DEFAULT_RETRY_SECONDS = 20;
const MAX_RETRY_SECONDS = 3600;
const MAX_QUOTED_CHARACTERS = 200;

const CONTEXT =
  /context.{0,20}(length|window|size)|maximum context|too many (input )?tokens|prompt is too long|input is too long|token count.{0,60}exceed|exceeds? the.{0,40}(context|token)|reduce the length|request_too_large/i;
const CREDIT =
  /insufficient_quota|credit balance|billing|exceeded your current quota|insufficient (funds|credit|balance)|payment required/i;
const FILTERED = /content.?(filter|policy)|safety|blocked|prohibited|moderation|usage polic/i;
const KEY =
  /api.?key|authentication|unauthori[sz]ed|permission.?denied|invalid.?credentials|invalid x-api-key|invalid_api_key/i;
const NO_MODEL =
  /model.{0,100}(not found|does not exist|not exist|is not supported|unknown|not available|no longer|deprecated)|model_not_found|unknown model|no such model|invalid model/i;
const BUSY = /overloaded|unavailable|server_error|internal.?(server )?error|at capacity|high demand|try again later/i;
const LIMITED = /rate.?limit|too many requests|resource.?exhausted|requests per|tokens per/i;

/** What it means for whoever asked, and what they can do. */
export function faultOf(refusal: ProviderRefusal): GatehouseError {
  const { host, model, status } = refusal;
  const said = readError(refusal.body);
  const words = [said.type, said.code, said.message].join(' ');
  const retryAfterSeconds = secondsOf(refusal.retryAfter) ?? said.retrySeconds;
  // Google says of every limit that a quota is exceeded, and of those that pass, when.
  if ((CREDIT.test(words) && !(status === 429 && retryAfterSeconds !== null)) || status === 402)
    return new GatehouseError(
      'PROVIDER_REFUSED',
      `The account behind this key at ${host} has no credit or quota left. See to its billing there.`,
    );
  if (status === 429 || (status === null && LIMITED.test(words))) {
    const seconds = retryAfterSeconds ?? DEFAULT_RETRY_SECONDS;
    return new GatehouseError(
      'PROVIDER_RATE_LIMITED',
      `${host} takes no more requests of this key for now; ask again in ${seconds} s.`,
      { retryAfterSeconds: seconds },
    );
  }
  if (CONTEXT.test(words) || status === 413)
    return new GatehouseError(
      'PROVIDER_CONTEXT_TOO_LONG',
      `Question and passages are more than ${model} at ${host} takes. Ask a shorter question, or a model with a larger window.`,
    );
  if (status === 401 || (KEY.test(words) && (status === 400 || status === 403 || status === null || status === 200)))
    return new GatehouseError(
      'PROVIDER_KEY_REFUSED',
      `${host} does not take this key, or not for ${model}. Test the credential, and replace its key if it was revoked.`,
    );
  if ((status === 404 && /model/i.test(words)) || NO_MODEL.test(words))
    return new GatehouseError(
      'PROVIDER_MODEL_UNKNOWN',
      `${host} has no model ${model} for this key. Name one that it has.`,
    );
  if (FILTERED.test(words)) return filtered(host, model);
  if ((status !== null && status >= 500) || BUSY.test(words)) {
    const seconds = retryAfterSeconds ?? DEFAULT_RETRY_SECONDS;
    return new GatehouseError(
      'PROVIDER_UNAVAILABLE',
      `${host} is overloaded or has a fault of its own${status === null ? '' : ` (${status})`}; ask again in ${seconds} s.`,
      { retryAfterSeconds: seconds },
    );
  }
  if (!said.known || status === 404)
    return new GatehouseError(
      'UPSTREAM_BAD_ANSWER',
      `${host} answered ${status ?? 'a stream'} in a form that is not its protocol's. Look at the base URL of the credential.`,
    );
  const quoted = said.message === '' ? '' : ` It says: ${said.message}`;
  return new GatehouseError('PROVIDER_REFUSED', `${host} refused the request${numbered(status)}.${quoted}`);
}

/** The provider would not answer this. */
export function filtered(host: string, model: string): GatehouseError {
  return new GatehouseError(
    'PROVIDER_REFUSED',
    `${model} at ${host} declined to answer: its filter stopped it. Ask in other words.`,
  );
}

function numbered(status: number | null): string {
  return status === null || status === 200 ? '' : ` (${status})`;
}

interface Said {
  readonly known: boolean;
  readonly type: string;
  readonly code: string;
  /** One line. */
  readonly message: string;
  readonly retrySeconds: number | null;
}

/** The error in `{error: {type, code, status, message}}`, `{error: "…"}`, `{message}`, `[{error}]`, or in none of them. */
function readError(body: unknown): Said {
  const parsed = typeof body === 'string' ? parse(body) : body;
  const outer = record(Array.isArray(parsed) ? parsed[0] : parsed);
  const inner = outer['error'] ?? record(outer['response'])['error'] ?? outer;
  const error = typeof inner === 'string' ? { message: inner } : record(inner);
  const message = text(error['message']) || text(outer['message']) || text(error['detail']);
  const type = [error['type'], error['status'], ...reasonsIn(error['details'])].map(text).join(' ').trim();
  const code = text(error['code']);
  return {
    known: type !== '' || code !== '' || message !== '',
    type,
    code,
    message: oneLine(message),
    retrySeconds: delayIn(error['details']),
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** Google's `google.rpc.ErrorInfo`. */
function reasonsIn(details: unknown): unknown[] {
  return Array.isArray(details) ? details.map((detail) => record(detail)['reason']) : [];
}

/** Google's `google.rpc.RetryInfo`: `"17s"`. */
function delayIn(details: unknown): number | null {
  const delays = Array.isArray(details) ? details.map((detail) => text(record(detail)['retryDelay'])) : [];
  return secondsOf(/^(\d+(?:\.\d+)?)s$/.exec(delays.find((delay) => delay !== '') ?? '')?.[1] ?? null);
}

function secondsOf(value: string | null): number | null {
  if (value === null) return null;
  const seconds = /^\d+(\.\d+)?$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.min(MAX_RETRY_SECONDS, Math.max(1, Math.ceil(seconds))) : null;
}

/** Foreign words: shown short, and without what a terminal would act on. */
function oneLine(message: string): string {
  const line = message.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return line.length <= MAX_QUOTED_CHARACTERS ? line : `${line.slice(0, MAX_QUOTED_CHARACTERS - 1)}…`;
}
