import { Button, Card, Group, PasswordInput, Stack } from '@mantine/core';
import { useState } from 'react';
import { useSession } from '../../api/session.js';
import { useChange } from '../../api/use-route.js';
import { ErrorNotice } from '../../parts/notice.js';
import { Section } from '../../parts/page.js';
import { said } from '../../parts/toast.js';
import { t } from './words.js';

export function PasswordSection() {
  const { user } = useSession();
  const [round, setRound] = useState(0);
  const change = useChange('changePassword', ['listSessions']);
  const submit = async (form: HTMLFormElement) => {
    const values = new FormData(form);
    const body = { currentPassword: String(values.get('current')), newPassword: String(values.get('new')) };
    const answer = await change.run({ body });
    if (answer === null) return;
    said(t('passwordChanged', { count: answer.ended }));
    // The form begins anew, so that no password stays in the page.
    setRound(round + 1);
  };
  return (
    <Section title={t('password')} about={t('passwordAbout')}>
      <Card withBorder>
        <form
          key={round}
          onSubmit={(event) => {
            event.preventDefault();
            void submit(event.currentTarget);
          }}
        >
          <Stack>
            <input type="email" value={user.email} autoComplete="username" readOnly hidden disabled />
            <Group align="flex-start">
              <PasswordInput
                label={t('currentPassword')}
                name="current"
                autoComplete="current-password"
                required
                flex="1 1 14rem"
              />
              <PasswordInput
                label={t('newPassword')}
                description={t('newPasswordHelp')}
                inputWrapperOrder={['label', 'input', 'description', 'error']}
                name="new"
                autoComplete="new-password"
                minLength={12}
                required
                flex="1 1 14rem"
              />
            </Group>
            {change.error !== null && <ErrorNotice error={change.error} />}
            <div>
              <Button type="submit" loading={change.pending}>
                {t('changePassword')}
              </Button>
            </div>
          </Stack>
        </form>
      </Card>
    </Section>
  );
}
