import type { Explain, Explanation } from '../../contract/explain.js';
import { HEADER } from '../../contract/headers.js';
import { AddressSet, parseAddress, parseNetwork } from '../../kernel/addresses.js';
import { GatehouseError } from '../../kernel/errors.js';
import { type Bounds, knowsOf, type Principal } from '../../kernel/principal.js';
import { holdsScope } from '../../kernel/scopes.js';
import { type Authentication, judgeMatch } from '../authenticate.js';
import { Guard } from '../guard.js';
import type { NamedKeys } from '../lookups.js';
import type { Policy } from '../policy.js';
import { Trace } from '../trace.js';
import type { Assumed, GuardOptions, RequestFacts, Verdict } from '../verdict.js';
import { type Asked, askedOfApi, askedOfUpstream, rawHeadersOf, type UpstreamPolicies } from './question.js';
import { remedyOf } from './remedies.js';
import { seenBy } from './seen-by.js';

export interface ExplainerOptions {
  readonly guard: GuardOptions;
  readonly namedKeys: NamedKeys;
  readonly upstream: UpstreamPolicies;
  readonly basePath: string;
}

/**
 * Says why a request would be let in or refused. Nothing is counted, throttled, noted as used or audited, and nobody
 * learns of a credential, an address list or a counter that is not theirs to see.
 */
export class Explainer {
  readonly #o: ExplainerOptions;

  constructor(options: ExplainerOptions) {
    this.#o = options;
  }

  /**
   * @throws GatehouseError `FORBIDDEN` for guests, when a caller without `keys:read` asks about another one, or who is no operator
   *   about proxies; `NOT_FOUND` for a key that is foreign or not there, alike
   */
  async explain(by: Bounds, question: Explain): Promise<Explanation> {
    by.require({ organizationId: question.organizationId });
    const asker = by.principal;
    if (asker.role === 'guest')
      throw new GatehouseError('FORBIDDEN', 'Guests are told nothing of how requests are decided.');
    const seen = seenBy(asker, this.#o.guard);
    const guard = new Guard(seen);
    const asked =
      question.door === 'api' ? askedOfApi(question, this.#o.basePath) : askedOfUpstream(question, this.#o.upstream);
    const facts = factsOf(question, asked, asker);
    const shown = this.#shownIn(question, asker);
    const assumed: Assumed = {
      showsLists: rulesInstance(asker),
      ...addressOf(question, asker),
      ...(shown === undefined ? {} : { shown }),
    };
    await guard.prepare(facts, asked.policy, assumed);
    const trace = new Trace();
    trace.add('route', asked.behind === null ? 'pass' : 'skip', asked.words);
    const verdict = guard.explain(facts, asked.policy, trace, assumed);
    // A question about no credential, or one that nobody knows, is about others: it tells which keys are good.
    if (shown === undefined && !readsKeys(asker) && verdict.principal?.id !== asker.id) throw onlyOwn();
    return answerOf(verdict, asked, trace);
  }

  /** What stands for the credential where neither a token nor a header brings one. */
  #shownIn({ token, keyId, headers }: Explain, asker: Principal): Authentication | undefined {
    if (keyId !== undefined) {
      // Asked before the look-up: to others every id reads alike, whether or not there is such a key.
      if (!readsKeys(asker) && asker.keyId !== keyId) throw onlyOwn();
      const match = this.#o.namedKeys.newest(keyId);
      if (match === undefined || !knowsOf(asker, match.principal))
        throw new GatehouseError('NOT_FOUND', 'keyId: there is no such key. GET /api/keys lists them.');
      return judgeMatch(match, this.#o.guard.clock.nowMs());
    }
    return token === undefined && !namesCredential(headers) ? ownOf(asker) : undefined;
  }
}

/** Headers in which a credential may be. */
const CREDENTIALS: readonly string[] = [HEADER.apiKey, HEADER.authorization, HEADER.cookie];
const FORWARDING: readonly string[] = [HEADER.forwardedFor, HEADER.realIp];

const names = (headers: Explain['headers'], wanted: readonly string[]) =>
  Object.keys(headers ?? {}).some((name) => wanted.includes(name.toLowerCase()));

const namesCredential = (headers: Explain['headers']) => names(headers, CREDENTIALS);

function factsOf(question: Explain, asked: Asked, asker: Principal): RequestFacts {
  const isOwnSocket = asker.kind === 'local' && question.token === undefined && question.keyId === undefined;
  return {
    // The owner of the files, asking about nobody else, is judged as the command socket judges.
    door: isOwnSocket && !namesCredential(question.headers) ? 'socket' : 'tcp',
    peerAddress: question.peer,
    rawHeaders: rawHeadersOf(question, asked.policy),
    method: question.method,
    requestId: 'explained',
    named: asked.named,
  };
}

function addressOf({ ip, peer, headers }: Explain, asker: Principal): Pick<Assumed, 'address'> {
  if (!rulesInstance(asker) && (peer !== undefined || names(headers, FORWARDING)))
    throw new GatehouseError(
      'FORBIDDEN',
      'How addresses are found behind proxies is shown to operators only. Name the address of the client as ip.',
    );
  if (peer !== undefined) {
    if (parseAddress(peer) === null) throw new GatehouseError('BAD_REQUEST', 'peer: is not an IP address.');
    return {};
  }
  const address = ip === undefined ? null : parseAddress(ip);
  if (ip !== undefined && address === null) throw new GatehouseError('BAD_REQUEST', 'ip: is not an IP address.');
  return { address };
}

/** Whoever asks, as the guard has just known them. */
function ownOf(principal: Principal): Authentication {
  const { allowedIps, expiresAtMs, traded, kind } = principal;
  return {
    kind: 'known',
    principal,
    addresses: allowedIps.length === 0 ? null : new AddressSet(allowedIps.map(parseNetwork)),
    secret: null,
    endsAtMs: expiresAtMs,
    source: traded || kind === 'user' ? 'a JWT of ours' : 'api-keys.json',
  };
}

/** Whoever is an operator stays one while they act in an organization: the lists are theirs to see either way. */
const rulesInstance = ({ operator, person }: Principal) => operator || (person !== null && person.instance !== null);

const readsKeys = (asker: Principal) => holdsScope(asker.scopes, 'keys:read');

function onlyOwn(): GatehouseError {
  return new GatehouseError(
    'FORBIDDEN',
    'Without the scope keys:read a credential can ask about itself only: leave out token, keyId and headers that hold one.',
  );
}

function answerOf(verdict: Verdict, { policy, behind, status }: Asked, trace: Trace): Explanation {
  const caller = verdict.principal;
  if (verdict.allow && behind !== null) trace.add('route', 'fail', behind.detail);
  const error = verdict.allow ? behind : verdict.error;
  return {
    allow: error === null,
    status: error?.status ?? status,
    code: error?.code ?? 'ALLOWED',
    steps: trace.lines.map((line) => ({ ...line })),
    firstFailure: firstFailure(verdict, policy, behind),
    caller: caller === null ? null : { kind: caller.kind, id: caller.id, organizationId: caller.organizationId },
    policy: shownPolicy(policy),
  };
}

function firstFailure(verdict: Verdict, policy: Policy, behind: GatehouseError | null): Explanation['firstFailure'] {
  if (!verdict.allow) return { step: verdict.step, words: verdict.error.detail, remedy: remedyOf(verdict, policy) };
  if (behind === null) return null;
  return { step: 'route', words: behind.detail, remedy: 'docs/api.md lists the paths and methods there are.' };
}

function shownPolicy({
  id,
  authModes,
  scopes,
  slots,
  operatorOnly,
  counted,
  rateLimit,
}: Policy): Explanation['policy'] {
  return { id, authModes: [...authModes], scopes: [...scopes], slots: [...slots], operatorOnly, counted, rateLimit };
}
