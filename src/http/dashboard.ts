import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Request, RequestHandler, Response } from 'express';
import { isNavigation } from './led-pages.js';

/** Names of built files hold a hash of what is in them. */
const FOR_EVER = 'public, max-age=31536000, immutable';
const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};
const ENCODINGS = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const;
/** Pages for people who are not signed in: small, and without the app. */
const ENTRANCE = /^\/(login|signup|setup|invite|reset|confirm|forgot)$/;

export interface DashboardFacts {
  /** Without a slash at the end; empty at the root. */
  readonly basePath: string;
  readonly sessionCookieName: string;
  readonly overTls: boolean;
}

export interface Dashboard {
  /** Built files, by name. */
  readonly assets: RequestHandler;
  /** The page for a path. */
  readonly page: RequestHandler;
}

/** Serves the built dashboard; `null` when it was not built. */
export function openDashboard(facts: DashboardFacts): Dashboard | null {
  const folder = ['./dashboard/', '../../dist/dashboard/']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(`${path}index.html`));
  if (folder === undefined) return null;
  const names = new Set(readdirSync(`${folder}assets`));
  const read = (name: string) => readFileSync(`${folder}${name}`, 'utf8').replaceAll('"./', `"${facts.basePath}/`);
  const pages = { app: read('index.html'), entrance: read('entrance.html') };

  return {
    assets(request, response, next) {
      const name = String(request.params['name']);
      const type = TYPES[name.slice(name.lastIndexOf('.') + 1)];
      if (type === undefined || !names.has(name)) return next();
      const encoding = ENCODINGS.find(
        (one) => names.has(name + one.suffix) && request.acceptsEncodings(one.name) === one.name,
      );
      response.setHeader('Content-Type', type);
      response.setHeader('Vary', 'Accept-Encoding');
      if (encoding !== undefined) response.setHeader('Content-Encoding', encoding.name);
      response.setHeader('Cache-Control', FOR_EVER);
      response.sendFile(name + (encoding?.suffix ?? ''), { root: `${folder}assets`, cacheControl: false });
    },

    page(request, response) {
      response.setHeader('Vary', 'Accept, Sec-Fetch-Mode');
      response.setHeader('Cache-Control', 'no-store');
      if (ENTRANCE.test(request.path)) return send(response, pages.entrance, facts);
      if (hasCookie(request, facts.sessionCookieName)) return send(response, pages.app, facts);
      const query = request.path === '/' ? '' : `?next=${encodeURIComponent(request.url)}`;
      response.redirect(303, `${facts.basePath}/login${query}`);
    },
  };
}

/** Whether a browser goes to an address, and wants to be shown what is there. */
export function asksForPage(request: Request): boolean {
  return /^(GET|HEAD)$/.test(request.method) && isNavigation(request);
}

/** Whether somebody may be signed in. Whether they are is for the guard to say, when the page asks it. */
function hasCookie(request: Request, name: string): boolean {
  return (request.headers.cookie ?? '').split(/;\s*/).some((pair) => pair.startsWith(`${name}=`));
}

/** Only what this answer names by its nonce may style it, and nothing may be loaded from elsewhere. */
function send(response: Response, page: string, { basePath, overTls }: DashboardFacts): void {
  const nonce = randomBytes(18).toString('base64url');
  response.setHeader(
    'Content-Security-Policy',
    [
      "default-src 'none'",
      "script-src 'self'",
      `style-src 'self' 'nonce-${nonce}'`,
      "img-src 'self' data:",
      "font-src 'self'",
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "object-src 'none'",
      ...(overTls ? ['upgrade-insecure-requests'] : []),
    ].join('; '),
  );
  response.type('html').send(page.replaceAll('{{nonce}}', nonce).replaceAll('{{base}}', basePath));
}
