import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { HEADER } from '../contract/headers.js';

/** Routes that people were promised as pages, and where those are. Programs that ask get what the table says. */
export const LED_PAGES: readonly (readonly [path: string, page: string])[] = [['/api/keys', '/settings/api-keys']];

/** Goes on to the next handler for somebody who types an address into a browser, and past this route for all others. */
export const onlyNavigation: RequestHandler = (request, _response, next) => {
  next(isNavigation(request) ? undefined : 'route');
};

/**
 * Whether a browser wants a page to show. Browsers say so themselves (Fetch Metadata, over TLS or on localhost), and else
 * by what they accept. Whoever shows a credential in a header is a program, whatever it accepts.
 */
export function isNavigation({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  if (headers[HEADER.apiKey] !== undefined || headers[HEADER.authorization] !== undefined) return false;
  const mode = headers['sec-fetch-mode'];
  if (mode !== undefined) return mode === 'navigate';
  return (
    headers.accept?.split(',').some((type) => /^text\/html\s*(;(?!\s*q=0(\.0*)?\s*$).*)?$/i.test(type.trim())) === true
  );
}

/** @param page - below the base path */
export function leadTo(basePath: string, page: string): RequestHandler {
  return (_request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Vary', 'Accept, Sec-Fetch-Mode');
    response.redirect(303, `${basePath}${page}`);
  };
}
