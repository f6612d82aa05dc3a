import type { CredentialView, TestOutcome } from '../../../contract/credentials.js';
import { State, type Tone } from '../../parts/state.js';
import { t } from './words.js';

/** `unknown` and `limited` are no faults of a key: they do not ask for attention. */
const OUTCOMES: Readonly<Record<TestOutcome, Tone>> = {
  ok: 'good',
  limited: 'good',
  invalid: 'bad',
  unreachable: 'warning',
  unknown: 'unsure',
};

export function Outcome({ outcome }: { outcome: TestOutcome }) {
  return <State tone={OUTCOMES[outcome]}>{t(`outcome.${outcome}`)}</State>;
}

/** How one saved credential is: whether it opens, and what its last test said. */
export function Health({ credential: { state, lastTest } }: { credential: CredentialView }) {
  if (state !== 'ready') return <State tone="bad">{t(`state.${state}`)}</State>;
  return lastTest === null ? <State tone="unsure">{t('untested')}</State> : <Outcome outcome={lastTest.outcome} />;
}

export function needsAttention({ state, lastTest }: CredentialView): boolean {
  return state !== 'ready' || lastTest?.outcome === 'invalid' || lastTest?.outcome === 'unreachable';
}

/** How a type is in a workspace: that of its credentials which asks most loudly. */
export function TypeHealth({ saved }: { saved: readonly CredentialView[] }) {
  if (saved.length === 0) return <State tone="quiet">{t('notSet')}</State>;
  if (saved.some(needsAttention)) return <State tone="warning">{t('needsAttention')}</State>;
  if (saved.every(({ lastTest }) => lastTest === null)) return <State tone="unsure">{t('savedUntested')}</State>;
  return <State tone="good">{t('connected')}</State>;
}
