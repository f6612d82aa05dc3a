import { useEffect, useRef, useState } from 'react';
import type { PasskeySite } from '../../contract/passkeys.js';
import { callOpen, type GatehouseError } from '../api/call.js';
import { canSuggest, showPasskey, wasCancelled, whyNoPasskeys } from '../api/passkeys.js';
import { Fault, type Problem, problemOf } from './form.js';
import { Note } from './frame.js';
import { goIn } from './use-submit.js';
import { t } from './words.js';

/** Before the challenge of a suggestion is over, after five minutes. */
const RENEW_MS = 4 * 60_000;

/** The other way in. Where there can be no passkeys nothing is said of them: the page of one's account does. */
export function PasskeySignIn({ site }: { site: PasskeySite }) {
  const why = whyNoPasskeys(site);
  if (why === 'elsewhere')
    return (
      <p className="quiet">
        {t('passkeyElsewhere')} <a href={site.origin}>{site.origin}</a>
      </p>
    );
  return why === null ? <WithPasskey /> : null;
}

function WithPasskey() {
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem | 'cancelled' | null>(null);
  const [round, setRound] = useState(0);
  const suggestion = useRef<AbortController>(null);

  /** One at a time: the browser refuses a second. */
  const show = async (amongSuggestions: boolean, signal: AbortSignal) => {
    const options = await callOpen('passkeySignInOptions', { signal });
    const credential = await showPasskey(options, { amongSuggestions, signal });
    setPending(true);
    await callOpen('passkeySignIn', { body: { credential, use: 'cookie' } });
    await goIn();
  };
  const failed = (failure: unknown, isAsked: boolean) => {
    setPending(false);
    if (!wasCancelled(failure)) setProblem(problemOf(failure as GatehouseError));
    else if (isAsked) setProblem('cancelled');
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: begun anew when the button's own try is over
  useEffect(() => {
    const offer = async () => {
      suggestion.current?.abort();
      if (!(await canSuggest())) return;
      const mine = new AbortController();
      suggestion.current = mine;
      await show(true, mine.signal).catch((failure) => {
        if (!mine.signal.aborted) failed(failure, false);
      });
    };
    void offer();
    const timer = setInterval(() => void offer(), RENEW_MS);
    return () => {
      clearInterval(timer);
      suggestion.current?.abort();
    };
  }, [round]);

  const ask = async () => {
    if (pending) return;
    suggestion.current?.abort();
    setPending(true);
    setProblem(null);
    await show(false, new AbortController().signal).catch((failure) => {
      failed(failure, true);
      setRound(round + 1);
    });
  };
  return (
    <section className="other">
      <p className="or">
        <span>{t('or')}</span>
      </p>
      {problem === 'cancelled' && <Note>{t('passkeyCancelled')}</Note>}
      {problem !== null && problem !== 'cancelled' && <Fault problem={problem} />}
      <button type="button" className="second" aria-disabled={pending} onClick={() => void ask()}>
        {pending ? t('signingIn') : t('passkey')}
      </button>
    </section>
  );
}
