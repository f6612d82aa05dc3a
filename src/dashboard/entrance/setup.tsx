import { useEffect, useState } from 'react';
import { callOpen, type GatehouseError } from '../api/call.js';
import { Form, type Problem, problemOf } from './form.js';
import { Command, Frame, Note, To } from './frame.js';
import { NewAccountFields, newAccount } from './new-account.js';
import { useOptions } from './sign-in.js';
import { goInAsFirst, linkToken, useSubmit } from './use-submit.js';
import { t } from './words.js';

/** The first administrator. The link is looked at before anybody types: one that is over says how to get another. */
export function Setup() {
  const options = useOptions();
  const [expiresAt, setExpiresAt] = useState<string | null>(null);
  const [gone, setGone] = useState<Problem | null>(null);
  const { submit, pending, problem } = useSubmit('setup', goInAsFirst);
  useEffect(() => {
    if (linkToken !== '')
      callOpen('checkSetup', { body: { token: linkToken } }).then(
        (checked) => setExpiresAt(checked.expiresAt),
        (error: GatehouseError) => setGone(problemOf(error)),
      );
  }, []);
  if (options?.setupOpen === false)
    return (
      <Frame title={t('setupTitle')} links={<To page="login">{t('signIn')}</To>}>
        <Note>{t('setupDone')}</Note>
      </Frame>
    );
  if (linkToken === '' || gone !== null)
    return (
      <Frame title={t('setupTitle')} links={<To page="login">{t('backToSignIn')}</To>}>
        <Note tone="bad">
          <p>{gone === null ? t('noToken') : gone.detail}</p>
        </Note>
        <NewLink />
      </Frame>
    );
  if (expiresAt === null) return null;
  return (
    <Frame title={t('setupTitle')} about={t('setupAbout')}>
      <p className="quiet">{t('setupUntil', { time: timeOf(expiresAt) })}</p>
      <Form
        action={t('setupAction')}
        pending={pending}
        problem={problem}
        onSubmit={(values) => void submit({ token: linkToken, use: 'cookie', ...newAccount(values) })}
      >
        <NewAccountFields />
      </Form>
      {problem?.code === 'FORBIDDEN' && <NewLink />}
    </Frame>
  );
}

function NewLink() {
  return (
    <>
      <p className="quiet">{t('setupAgain')}</p>
      <Command text={'npm run -s gatehouse -- setup\ndocker exec gatehouse gatehouse setup'} />
    </>
  );
}

const timeOf = (at: string) =>
  new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: 'short' }).format(new Date(at));
