import { useState } from 'react';
import { Field, Form } from './form.js';
import { Command, Frame, Note, To } from './frame.js';
import { NewAccountFields, newAccount } from './new-account.js';
import { useOptions } from './sign-in.js';
import { useSubmit } from './use-submit.js';
import { t } from './words.js';

/** A letter, where letters are sent; else whom to turn to. */
export function Forgot() {
  const options = useOptions();
  const [sent, setSent] = useState(false);
  const { submit, pending, problem } = useSubmit('forgotPassword', () => setSent(true));
  const back = <To page="login">{t('backToSignIn')}</To>;
  if (options === null) return null;
  if (!options.recoveryByMail)
    return (
      <Frame title={t('forgotTitle')} about={t('forgotByHand')} links={back}>
        <Command text="gatehouse users reset-password you@example.com" />
      </Frame>
    );
  return (
    <Frame title={t('forgotTitle')} about={t('forgotAbout')} links={back}>
      {sent ? (
        <Note tone="good">{t('forgotSent')}</Note>
      ) : (
        <Form
          action={t('forgotAction')}
          pending={pending}
          problem={problem}
          onSubmit={({ email = '' }) => void submit({ email })}
        >
          <Field label={t('email')} name="email" type="email" autoComplete="username" required autoFocus />
        </Form>
      )}
    </Frame>
  );
}

export function SignUp() {
  const options = useOptions();
  const [done, setDone] = useState<'signupSent' | 'signupDone' | null>(null);
  const { submit, pending, problem } = useSubmit('signup', ({ confirmByMail }) =>
    setDone(confirmByMail ? 'signupSent' : 'signupDone'),
  );
  const back = <To page="login">{t('backToSignIn')}</To>;
  if (options === null) return null;
  if (options.signup !== 'open' || done !== null)
    return (
      <Frame title={t('signupTitle')} links={back}>
        <Note tone={done === null ? 'plain' : 'good'}>{t(done ?? 'signupOff')}</Note>
      </Frame>
    );
  return (
    <Frame title={t('signupTitle')} links={back}>
      <Form
        action={t('signupAction')}
        pending={pending}
        problem={problem}
        onSubmit={(values) => void submit(newAccount(values))}
      >
        <NewAccountFields />
      </Form>
    </Frame>
  );
}
