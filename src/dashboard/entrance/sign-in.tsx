import { useEffect, useState } from 'react';
import type { AuthOptions } from '../../contract/auth.js';
import { Field, Form, PasswordField } from './form.js';
import { Command, Frame, Note, To } from './frame.js';
import { askOptions } from './options.js';
import { PasskeySignIn } from './passkey.js';
import { goIn, useSubmit } from './use-submit.js';
import { t } from './words.js';

const REASONS = ['ended', 'left', 'reset', 'confirmed'] as const;

/** What can be offered here; `null` until it is known, and when it cannot be found out. */
export function useOptions(): AuthOptions | null {
  const [options, setOptions] = useState<AuthOptions | null>(null);
  useEffect(() => {
    askOptions().then(setOptions, () => {});
  }, []);
  return options;
}

export function SignIn() {
  const options = useOptions();
  const [asksForCode, setAsksForCode] = useState(false);
  const reason = REASONS.find((one) => one === new URLSearchParams(location.search).get('reason'));
  const { submit, pending, problem } = useSubmit('login', goIn, (error) => {
    if (error.code !== 'TOTP_REQUIRED') return false;
    const before = asksForCode;
    setAsksForCode(true);
    // The first time it is a question and no fault.
    return !before;
  });
  if (options?.setupOpen === true) return <NotSetUp />;
  return (
    <Frame
      title={t('signIn')}
      links={
        <>
          <To page="forgot">{t('forgot')}</To>
          {options?.signup === 'open' && (
            <span>
              {t('noAccount')} <To page="signup">{t('signUp')}</To>
            </span>
          )}
        </>
      }
    >
      {reason !== undefined && <Note>{t(reason)}</Note>}
      <Form
        action={t('signIn')}
        pending={pending}
        problem={problem}
        onSubmit={({ email = '', password = '', totp }) =>
          void submit({ email, password, use: 'cookie', ...(totp === undefined ? {} : { totp }) })
        }
      >
        <Field label={t('email')} name="email" type="email" autoComplete="username webauthn" required autoFocus />
        <PasswordField label={t('password')} name="password" autoComplete="current-password" />
        {asksForCode && (
          <Field
            label={t('code')}
            help={t('codeHelp')}
            name="totp"
            autoComplete="one-time-code"
            inputMode="numeric"
            required
            autoFocus
          />
        )}
      </Form>
      {options !== null && !asksForCode && <PasskeySignIn site={options.passkeys} />}
    </Frame>
  );
}

function NotSetUp() {
  return (
    <Frame title={t('setupOpenTitle')} about={t('setupOpen')}>
      <Command text={'npm run -s gatehouse -- setup\ndocker exec gatehouse gatehouse setup'} />
    </Frame>
  );
}
