import { type FormEvent, type InputHTMLAttributes, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { GatehouseError } from '../api/call.js';
import { ORIGIN } from '../api/place.js';
import { useWait } from '../api/use-wait.js';
import { Command } from './frame.js';
import { t } from './words.js';

const STORE_CODES = ['STORE_UNAVAILABLE', 'AUDIT_UNAVAILABLE'];

// These pages are small on purpose: the library that draws the app is not loaded here.

export interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly requestId: string | null;
  /** How long to wait before another try; `null`: no need to. */
  readonly waitSeconds: number | null;
}

export const problemOf = (error: GatehouseError): Problem => ({
  code: error.code,
  detail: error.code === 'NETWORK' || error.code === 'TIMEOUT' ? t('offline') : error.detail,
  requestId: error.requestId,
  waitSeconds: error.code === 'RATE_LIMITED' ? (error.retryAfterSeconds ?? 60) : null,
});

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  readonly label: string;
  readonly help?: string;
}

export function Field({ label, help, ...input }: FieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {input.required !== true && <span className="quiet"> ({t('optional')})</span>}
      </label>
      <input id={id} aria-describedby={help === undefined ? undefined : `${id}-help`} {...input} />
      {help !== undefined && (
        <p className="quiet" id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}

/** Pasting and password managers are welcome; whoever types may look. */
export function PasswordField(props: FieldProps) {
  const [seen, setSeen] = useState(false);
  return (
    <div className="with-toggle">
      <Field {...props} required type={seen ? 'text' : 'password'} spellCheck={false} />
      <button type="button" className="toggle" aria-pressed={seen} onClick={() => setSeen(!seen)}>
        {seen ? t('hidePassword') : t('showPassword')}
      </button>
    </div>
  );
}

export interface FormProps {
  readonly action: string;
  readonly pending: boolean;
  readonly problem: Problem | null;
  readonly onSubmit: (values: Readonly<Record<string, string>>) => void;
  readonly children: ReactNode;
}

/** What was typed reaches `onSubmit` by the names of the fields, without those that are empty. */
export function Form({ action, pending, problem, onSubmit, children }: FormProps) {
  const [secondsLeft, waitFor] = useWait();
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each refusal
  useEffect(() => waitFor(problem?.waitSeconds ?? 0), [problem]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (pending || secondsLeft > 0) return;
    const entries = [...new FormData(event.currentTarget)].filter(([, value]) => value !== '');
    onSubmit(Object.fromEntries(entries.map(([name, value]) => [name, String(value)])));
  };
  return (
    <form onSubmit={submit}>
      {problem !== null && <Fault problem={problem} />}
      {children}
      <button type="submit" className="main" aria-disabled={pending || secondsLeft > 0}>
        {pending ? t('signingIn') : action}
      </button>
      {secondsLeft > 0 && (
        <p className="quiet" role="timer">
          {secondsLeft > 90
            ? t('waitMinutes', { count: Math.ceil(secondsLeft / 60) })
            : t('waitSeconds', { count: secondsLeft })}
        </p>
      )}
    </form>
  );
}

/** Refused for where the page is: then the setting that says where people reach this instance is what is wrong. */
const isWrongPlace = ({ code, detail }: Problem) => code === 'FORBIDDEN' && /PUBLIC_URL|https only/.test(detail);

export function Fault({ problem }: { problem: Problem }) {
  const place = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new fault is led to
  useEffect(() => place.current?.focus(), [problem]);
  return (
    <div className="note bad" role="alert" tabIndex={-1} ref={place}>
      <p>{problem.detail}</p>
      {problem.requestId !== null && (
        <p className="quiet">
          {problem.code} · {t('requestId', { id: problem.requestId })}
        </p>
      )}
      {isWrongPlace(problem) && (
        <>
          <p>{t('wrongPlace')}</p>
          <Command text={`PUBLIC_URL=${ORIGIN}`} />
        </>
      )}
      {STORE_CODES.includes(problem.code) && (
        <>
          <p>{t('readOnly')}</p>
          <Command text="gatehouse doctor" />
        </>
      )}
    </div>
  );
}
