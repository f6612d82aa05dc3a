import { type FormEvent, type InputHTMLAttributes, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { GatehouseError } from '../api/call.js';
import { t } from './words.js';

// These pages are small on purpose: the library that draws the app is not loaded here.

export interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly requestId: string | null;
}

export const problemOf = (error: GatehouseError): Problem => ({
  code: error.code,
  detail: error.code === 'NETWORK' || error.code === 'TIMEOUT' ? t('offline') : error.detail,
  requestId: error.requestId,
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
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (pending) return;
    const entries = [...new FormData(event.currentTarget)].filter(([, value]) => value !== '');
    onSubmit(Object.fromEntries(entries.map(([name, value]) => [name, String(value)])));
  };
  return (
    <form onSubmit={submit}>
      {problem !== null && <Fault problem={problem} />}
      {children}
      <button type="submit" className="main" aria-disabled={pending}>
        {pending ? t('signingIn') : action}
      </button>
    </form>
  );
}

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
    </div>
  );
}
