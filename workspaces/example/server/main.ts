import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { authenticate } from './auth.js';
import { readConfig } from './config.js';
import { HttpError, toHttpError } from './http-error.js';
import { RateLimiter } from './rate-limiter.js';
import { expireHolds } from './reservations.js';
import { matchRoute } from './router.js';
import { bookRoutes } from './routes/books.js';
import { loanRoutes } from './routes/loans.js';
import { memberRoutes } from './routes/members.js';
import { Storage } from './storage.js';

const MAX_BODY_BYTES = 16_384;

const config = readConfig(process.env);
const storage = await Storage.open(config.dataFile);
const limiter = new RateLimiter(config.requestsPerMinute);
const routes = [...bookRoutes, ...loanRoutes, ...memberRoutes];

/** The path of every request: who is it, not too often, which route, run it, answer. */
async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const now = Date.now();
  try {
    const member = authenticate(request, storage.read());
    limiter.consume(member.id, now);
    const url = new URL(request.url ?? '/', 'http://shelf');
    const match = matchRoute(routes, request.method ?? 'GET', url.pathname);
    if (!match) throw new HttpError(404, 'no_such_route', 'There is nothing here.');
    const body = request.method === 'POST' ? await readJson(request) : {};
    send(response, 200, await match.route.handle({ storage, member, params: match.params, url, body, now }));
  } catch (error) {
    const { status, code, message, headers } = toHttpError(error);
    send(response, status, { error: code, message }, headers);
  }
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > MAX_BODY_BYTES) throw new HttpError(413, 'too_large', 'The request body is too large.');
  }
  try {
    return JSON.parse(text || '{}') as Record<string, unknown>;
  } catch {
    throw new HttpError(400, 'bad_json', 'The request body is not JSON.');
  }
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
}

setInterval(() => storage.update((library) => expireHolds(library, Date.now())), 3_600_000).unref();
setInterval(() => limiter.sweep(Date.now()), 60_000).unref();
createServer(serve).listen(config.port, () => console.log(`Shelf listens on http://localhost:${config.port}`));
