import { randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import { ERRORS, type ErrorCode } from '../contract/codes.js';
import type { GatehouseError } from '../kernel/errors.js';
import { isNavigation } from './led-pages.js';

/** Refusals that keep a person from every page, the sign-in page too: nothing of the dashboard is there to explain them. */
const KEEP_OUT: Partial<Record<ErrorCode, string>> = {
  IP_NOT_ALLOWED:
    'Nobody gets in from an address that is not on the list, with or without an account. Ask whoever runs this instance to add it. On the host this shows the lists:',
  RATE_LIMITED: 'Too many requests came from your address. Wait a little and load the page again.',
};
const COMMANDS: Partial<Record<ErrorCode, string>> = { IP_NOT_ALLOWED: 'gatehouse allowlist show' };

const STYLE = `body{margin:0;padding:8vh 1.25rem;font:16px/1.5 system-ui,sans-serif;color:#1a1d20;background:#eef3f4}
main{max-width:34rem;margin:auto}h1{font-size:1.5rem;line-height:1.25}pre{padding:.75rem;border:1px solid #8b959d;border-radius:6px;overflow-x:auto}
small{color:#565d65}@media(prefers-color-scheme:dark){body{color:#eceff1;background:#15191b}small{color:#b0b7bd}}`;

/**
 * Shows a person who is kept out a page instead of JSON. Programs, and whoever asks the API, get what they were promised.
 * @returns whether it was sent; status and headers are there already
 */
export function sendRefusalPage(
  request: Request,
  response: Response,
  error: GatehouseError,
  requestId: string,
): boolean {
  const words = KEEP_OUT[error.code];
  if (words === undefined || request.method !== 'GET' || !isNavigation(request)) return false;
  if (/\/(api|p)\//.test(request.path)) return false;
  const nonce = randomBytes(18).toString('base64url');
  const command = COMMANDS[error.code];
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader(
    'Content-Security-Policy',
    `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  response.setHeader('Vary', 'Accept, Sec-Fetch-Mode');
  const title = escapeHtml(ERRORS[error.code].error);
  response.end(
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>${title} · Gatehouse</title><style nonce="${nonce}">${STYLE}</style></head><body><main><h1>${title}</h1><p>${escapeHtml(error.detail)}</p><p>${words}</p>${command === undefined ? '' : `<pre>${command}</pre>`}<p><small>${error.code} · Request ${requestId}</small></p></main></body></html>`,
  );
  return true;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
