import { request } from 'node:http';
import { Readable } from 'node:stream';
import type { z } from 'zod';
import { AskAnswer } from '../contract/ask.js';
import { ERRORS, type ErrorCode } from '../contract/codes.js';
import { JobQueued } from '../contract/jobs.js';
import { Problem } from '../contract/problem.js';
import { ROUTES, type RouteId, type RouteSpec } from '../contract/routes.js';
import { CommandError, EXIT, exitCodeOf } from './exit-codes.js';
import { NoStream, type SocketEvent, socketEvents } from './socket-events.js';

type AnswerOf<Id extends RouteId> = z.infer<(typeof ROUTES)[Id]['answer']>;

export interface CallInput {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
}

/** Longer than the longest answer takes: an index is waited for 20 s. */
const TIMEOUT_MS = 60_000;
/** What is uploaded is put on disk before it is answered. */
const UPLOAD_TIMEOUT_MS = 600_000;

/** Gatehouse's own API, through a command socket: the same routes and schemas that HTTP callers meet. */
export class Api {
  readonly #socketPath: string;
  readonly #basePath: string;

  constructor(socketPath: string, basePath: string) {
    this.#socketPath = socketPath;
    this.#basePath = basePath;
  }

  /** @throws CommandError with the exit code of the refusal and its detail as the sentence */
  async call<Id extends RouteId>(id: Id, input: CallInput = {}): Promise<AnswerOf<Id>> {
    const route: RouteSpec = ROUTES[id];
    return (await this.#ask(route, input, {}, route.answer)) as AnswerOf<Id>;
  }

  /** The same, without waiting for the work: the route answers with the job that does it. @throws CommandError */
  async queue(id: 'ask', input: CallInput): Promise<JobQueued> {
    return (await this.#ask(ROUTES[id], input, { Prefer: 'respond-async' }, JobQueued)) as JobQueued;
  }

  /**
   * Sends a body as it comes. @param onBytes - told how many bytes went out, for a progress bar
   * @throws CommandError
   */
  async upload<Id extends 'uploadArchive' | 'writeFile'>(
    id: Id,
    input: Omit<CallInput, 'body'>,
    body: AsyncIterable<Buffer>,
    onBytes: (bytes: number) => void = () => {},
  ): Promise<AnswerOf<Id>> {
    const route: RouteSpec = ROUTES[id];
    const type = route.stream?.types?.[0] ?? 'application/octet-stream';
    async function* counted() {
      for await (const chunk of body) {
        yield chunk;
        onBytes(chunk.length);
      }
    }
    return (await this.#ask(
      route,
      { ...input, body: Readable.from(counted(), { objectMode: false }) },
      { 'Content-Type': type },
      route.answer,
    )) as AnswerOf<Id>;
  }

  /** The same, as it is made: `tell` gets what comes before the end. @throws CommandError */
  async askStream(body: unknown, tell: (event: SocketEvent) => void): Promise<AskAnswer> {
    const { method } = ROUTES.ask;
    const call = { socketPath: this.#socketPath, method, path: this.#pathOf(ROUTES.ask, {}), body };
    try {
      for await (const event of socketEvents(call)) {
        if (event.event === 'done') return AskAnswer.parse(event.data);
        if (event.event === 'error') throw refusal(Problem.parse(event.data));
        tell(event);
      }
    } catch (error) {
      if (error instanceof NoStream) throw error.problem === null ? strange(error.status) : refusal(error.problem);
      if (error instanceof CommandError) throw error;
      const why = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
      throw new CommandError(EXIT.unreachable, `The server cannot be reached through ${this.#socketPath} (${why}).`);
    }
    throw new CommandError(EXIT.unreachable, 'The server stopped in the middle of its answer.');
  }

  async #ask(route: RouteSpec, input: CallInput, more: Record<string, string>, shape: z.ZodType): Promise<unknown> {
    const { status, body } = await this.#send(route.method, this.#pathOf(route, input), input.body, more);
    if (status < 400) {
      const answer = shape.safeParse(body);
      if (!answer.success) throw strange(status);
      return answer.data;
    }
    const problem = Problem.safeParse(body);
    throw problem.success ? refusal(problem.data) : strange(status);
  }

  #pathOf(route: RouteSpec, { params = {}, query = {} }: CallInput): string {
    const path = route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
    return `${this.#basePath}${path}${search.size > 0 ? `?${search}` : ''}`;
  }

  #send(
    method: string,
    path: string,
    body: unknown,
    more: Record<string, string>,
  ): Promise<{ status: number; body: unknown }> {
    return new Promise((resolve, reject) => {
      const unreachable = (why: string) =>
        reject(
          new CommandError(EXIT.unreachable, `The server cannot be reached through ${this.#socketPath} (${why}).`),
        );
      const streamed = body instanceof Readable ? body : null;
      const payload = body === undefined || streamed !== null ? undefined : JSON.stringify(body);
      const headers =
        payload === undefined
          ? more
          : { ...more, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(payload) };
      const timeout = streamed === null ? TIMEOUT_MS : UPLOAD_TIMEOUT_MS;
      const call = request(
        { socketPath: this.#socketPath, method, path, headers, timeout, agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', (error) => unreachable((error as NodeJS.ErrnoException).code ?? error.message));
          response.on('end', () => {
            try {
              resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) });
            } catch {
              unreachable('the answer is not JSON');
            }
          });
        },
      );
      let answered = false;
      call.on('response', () => {
        answered = true;
      });
      call.on('timeout', () => call.destroy(new Error('no answer in time')));
      call.on('error', (error) => {
        // A refusal may come, and the server hang up, while we still send.
        if (!answered) unreachable((error as NodeJS.ErrnoException).code ?? error.message);
      });
      if (streamed === null) call.end(payload);
      else {
        streamed.once('error', (error) => {
          reject(error);
          call.destroy();
        });
        streamed.pipe(call);
      }
    });
  }
}

function refusal({ code, detail, error }: Problem): CommandError {
  const exitCode = code in ERRORS ? exitCodeOf(code as ErrorCode) : EXIT.failed;
  return new CommandError(exitCode, `${error}: ${asCommand(detail)}`);
}

function strange(status: number): CommandError {
  return new CommandError(
    EXIT.failed,
    `The server answered ${status} in a form this version does not know. Restart it, so that both are the same version.`,
  );
}

const LISTS: readonly (readonly [RegExp, string])[] = [
  [/^\/api\/keys$/, 'keys list'],
  [/^\/api\/service-keys$/, 'service-keys list'],
  [/^\/api\/mcp-tokens$/, 'mcp-tokens list'],
  [/^\/api\/env-keys$/, 'keys list --env'],
  [/^\/api\/workspaces$/, 'workspaces list'],
  [/^\/api\/jobs$/, 'jobs list'],
  [/^\/api\/prompts$/, 'prompts list'],
  [/^\/api\/users$/, 'users list'],
  [/^\/api\/organizations\/:organizationId\/members$/, 'orgs members'],
  [/^\/api\/organizations\/:organizationId\/invites$/, 'orgs invites'],
  [/^\/api\/credential-types$/, 'credentials types'],
  [/^\/api\/workspaces\/([^/]+)\/(credentials|secrets|variables)$/, '$2 list $1'],
];

/** The remedies of the API name routes; here people have commands. */
function asCommand(detail: string): string {
  return detail
    .replace('add force=true', 'add --force')
    .replace(/[Ww]ith credentialId null/, (words) => `${words[0]}ith --files-only`)
    .replace(/GET (\/api\/[\w./:-]+) lists (?:them|those[^.]*)\./g, (words, path: string) => {
      const known = LISTS.find(([pattern]) => pattern.test(path));
      return known === undefined ? words : `\`${path.replace(...known)}\` shows what there is.`;
    });
}
