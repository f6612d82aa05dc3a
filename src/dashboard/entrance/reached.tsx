import { type ReactNode, useEffect, useState } from 'react';
import type { GatehouseError } from '../api/call.js';
import { type Problem, problemOf } from './form.js';
import { Command, Frame, Note } from './frame.js';
import { askOptions } from './options.js';
import { t } from './words.js';

/** A page of the entrance, or why no page here can do anything: nobody answers, or nobody may come from this address. */
export function Reached({ children }: { children: ReactNode }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    askOptions().catch((error: GatehouseError) => setProblem(problemOf(error)));
  }, []);
  if (problem === null) return children;
  const isKeptOut = problem.code === 'IP_NOT_ALLOWED';
  return (
    <Frame title={isKeptOut ? t('keptOutTitle') : t('notReachedTitle')}>
      <Note tone="bad">
        <p>{problem.detail}</p>
        {problem.requestId !== null && (
          <p className="quiet">
            {problem.code} · {t('requestId', { id: problem.requestId })}
          </p>
        )}
      </Note>
      {isKeptOut && (
        <>
          <p>{t('keptOut')}</p>
          <Command text="gatehouse allowlist show" />
        </>
      )}
      <button type="button" className="main" onClick={() => location.reload()}>
        {t('tryAgain')}
      </button>
    </Frame>
  );
}
