import { useEffect, useState } from 'react';
import type { InviteShown } from '../../contract/auth.js';
import { callOpen, type GatehouseError } from '../api/call.js';
import { Field, Form, PasswordField, type Problem, problemOf } from './form.js';
import { Frame, Note, To } from './frame.js';
import { goIn, goTo, linkToken, useSubmit } from './use-submit.js';
import { t } from './words.js';

// Pages that a link opens. What the link proves stands behind its `#`.

export function Invite() {
  const [invite, setInvite] = useState<InviteShown | null>(null);
  const [gone, setGone] = useState<Problem | null>(null);
  const [asksForCode, setAsksForCode] = useState(false);
  const { submit, pending, problem } = useSubmit('acceptInvite', goIn, (error) => {
    if (error.code !== 'TOTP_REQUIRED' || asksForCode) return false;
    setAsksForCode(true);
    return true;
  });
  useEffect(() => {
    if (linkToken !== '')
      callOpen('showInvite', { body: { token: linkToken } }).then(setInvite, (error: GatehouseError) =>
        setGone(problemOf(error)),
      );
  }, []);
  if (linkToken === '') return <NoToken title={t('signIn')} />;
  if (gone !== null)
    return (
      <Frame title={t('inviteTitle', { organization: 'Gatehouse' })} links={<To page="login">{t('signIn')}</To>}>
        <Note tone="bad">
          <p>{gone.detail}</p>
          <p>{t('inviteGone')}</p>
        </Note>
      </Frame>
    );
  if (invite === null) return null;
  const { organization, role, email, hasAccount } = invite;
  return (
    <Frame title={t('inviteTitle', { organization })} about={t('inviteAbout', { role, email })}>
      <p>{hasAccount ? t('inviteHasAccount') : t('inviteNew')}</p>
      <Form
        action={t('inviteAction')}
        pending={pending}
        problem={problem}
        onSubmit={({ password = '', ...others }) =>
          void submit({ token: linkToken, password, use: 'cookie', ...others })
        }
      >
        {/* Password managers file what is chosen here under it. */}
        <input type="email" name="username" value={email} autoComplete="username" readOnly hidden disabled />
        {!hasAccount && <Field label={t('name')} name="name" autoComplete="name" maxLength={100} autoFocus />}
        {hasAccount ? (
          <PasswordField label={t('password')} name="password" autoComplete="current-password" autoFocus />
        ) : (
          <PasswordField
            label={t('newPassword')}
            help={t('passwordHelp')}
            name="password"
            autoComplete="new-password"
            minLength={12}
          />
        )}
        {asksForCode && (
          <Field label={t('code')} help={t('codeHelp')} name="totp" autoComplete="one-time-code" required autoFocus />
        )}
      </Form>
    </Frame>
  );
}

export function Reset() {
  const { submit, pending, problem } = useSubmit('resetPassword', () => goTo('login?reason=reset'));
  if (linkToken === '') return <NoToken title={t('resetTitle')} />;
  return (
    <Frame title={t('resetTitle')} about={t('resetAbout')} links={<To page="login">{t('backToSignIn')}</To>}>
      <Form
        action={t('resetAction')}
        pending={pending}
        problem={problem}
        onSubmit={({ password = '' }) => void submit({ token: linkToken, password })}
      >
        <PasswordField
          label={t('newPassword')}
          help={t('passwordHelp')}
          name="password"
          autoComplete="new-password"
          minLength={12}
          autoFocus
        />
      </Form>
      {problem !== null && <p className="quiet">{t('resetGone')}</p>}
    </Frame>
  );
}

/** Confirmed by a click: programs that look into letters open links, and must not use them up. */
export function Confirm() {
  const { submit, pending, problem } = useSubmit('confirmEmail', () => goTo('login?reason=confirmed'));
  if (linkToken === '') return <NoToken title={t('confirmTitle')} />;
  return (
    <Frame title={t('confirmTitle')} links={<To page="login">{t('backToSignIn')}</To>}>
      <Form
        action={t('confirmAction')}
        pending={pending}
        problem={problem}
        onSubmit={() => void submit({ token: linkToken })}
      >
        {null}
      </Form>
    </Frame>
  );
}

function NoToken({ title }: { title: string }) {
  return (
    <Frame title={title} links={<To page="login">{t('backToSignIn')}</To>}>
      <Note tone="bad">{t('noToken')}</Note>
    </Frame>
  );
}
