import { useState } from 'react';
import { type Answer, callOpen, GatehouseError, type RouteId, type RouteRequest } from '../api/call.js';
import { BASE_PATH } from '../api/place.js';
import { type Problem, problemOf } from './form.js';
import { t } from './words.js';

/** One attempt after the other; `onDone` with what was answered. */
export function useSubmit<Id extends RouteId>(
  id: Id,
  onDone: (answer: Answer<Id>) => void | Promise<void>,
  onError?: (error: GatehouseError) => boolean,
) {
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = async (body: RouteRequest<Id>['body']) => {
    setPending(true);
    setProblem(null);
    try {
      await onDone(await callOpen(id, { body } as RouteRequest<Id>));
    } catch (failure) {
      const error = failure as GatehouseError;
      if (onError?.(error) !== true) setProblem(problemOf(error));
    } finally {
      setPending(false);
    }
  };
  return { submit, pending, problem };
}

/** The secret behind `#`; taken out of the address at once, so that it is in no history and no bookmark. */
export const linkToken: string = takeToken();

function takeToken(): string {
  const token = location.hash.replace(/^#(token=)?/, '');
  if (token !== '') history.replaceState(null, '', location.pathname + location.search);
  return token;
}

/**
 * Into the app: to where one came from, if that is a place of this instance.
 * @throws GatehouseError when the browser did not keep the cookie: the app would only lead back here, without a word
 */
export async function goIn(): Promise<void> {
  await requireCookie();
  const next = new URLSearchParams(location.search).get('next') ?? '/';
  const isOurs = /^\/(?![/\\])/.test(next) && new URL(BASE_PATH + next, location.origin).origin === location.origin;
  location.replace(BASE_PATH + (isOurs ? next : '/'));
}

/** Into the app for the first time. @throws GatehouseError as `goIn` */
export async function goInAsFirst(): Promise<void> {
  await requireCookie();
  goTo('welcome');
}

async function requireCookie(): Promise<void> {
  try {
    await callOpen('showProfile');
  } catch (error) {
    if ((error as GatehouseError).code !== 'UNAUTHORIZED') throw error;
    throw new GatehouseError('UNAUTHORIZED', t('cookieLost'), { requestId: (error as GatehouseError).requestId });
  }
}

export function goTo(page: string): void {
  location.replace(`${BASE_PATH}/${page}`);
}
