import { Button, Card, Code, Group, List, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { RecoveryCodes, TotpSecret } from '../../../contract/auth.js';
import { useSession } from '../../api/session.js';
import { useChange } from '../../api/use-route.js';
import { CopyButton } from '../../parts/copy.js';
import { ErrorNotice } from '../../parts/notice.js';
import { Section } from '../../parts/page.js';
import { QrCode } from '../../parts/qr-code.js';
import { download } from '../../parts/table-export.js';
import { t } from './words.js';

type Step = 'idle' | 'password' | 'stopping' | { secret: TotpSecret } | { codes: RecoveryCodes };

/** From a password by way of a scanned secret to recovery codes; nothing of it outlives its step. */
export function SecondFactor() {
  const { user } = useSession();
  const [step, setStep] = useState<Step>('idle');
  return (
    <Section title={t('totp')} about={user.totp ? t('totpOn') : t('totpOff')}>
      <Card withBorder>
        {step === 'idle' && (
          <div>
            {user.totp ? (
              <Button variant="default" onClick={() => setStep('stopping')}>
                {t('totpStop')}
              </Button>
            ) : (
              <Button onClick={() => setStep('password')}>{t('totpStart')}</Button>
            )}
          </div>
        )}
        {step === 'password' && <AskPassword onSecret={(secret) => setStep({ secret })} />}
        {step === 'stopping' && <Stop onDone={() => setStep('idle')} />}
        {typeof step === 'object' && 'secret' in step && (
          <Scan secret={step.secret} onCodes={(codes) => setStep({ codes })} />
        )}
        {typeof step === 'object' && 'codes' in step && <Codes codes={step.codes} onDone={() => setStep('idle')} />}
      </Card>
    </Section>
  );
}

function AskPassword({ onSecret }: { onSecret: (secret: TotpSecret) => void }) {
  const [password, setPassword] = useState('');
  const start = useChange('startTotp');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const secret = await start.run({ body: { password } });
    if (secret !== null) onSecret(secret);
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack>
        <PasswordInput
          label={t('totpPassword')}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
          required
          maw={360}
          data-autofocus
        />
        {start.error !== null && <ErrorNotice error={start.error} />}
        <div>
          <Button type="submit" loading={start.pending}>
            {t('totpContinue')}
          </Button>
        </div>
      </Stack>
    </form>
  );
}

function Scan({ secret, onCodes }: { secret: TotpSecret; onCodes: (codes: RecoveryCodes) => void }) {
  const [code, setCode] = useState('');
  const confirm = useChange('confirmTotp');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const codes = await confirm.run({ body: { code } });
    if (codes !== null) onCodes(codes);
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack>
        <Text>{t('totpScan')}</Text>
        <Group align="flex-start" gap="xl">
          <QrCode text={secret.uri} name={t('totpQr')} />
          <Stack flex="1 1 16rem">
            <Group gap="xs">
              <Code fz="md">{secret.secret.replace(/(.{4})/g, '$1 ').trim()}</Code>
              <CopyButton text={secret.secret} what={t('totpSecret')} />
            </Group>
            <TextInput
              label={t('totpCode')}
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
              autoComplete="one-time-code"
              inputMode="numeric"
              required
              maw={240}
            />
            {confirm.error !== null && <ErrorNotice error={confirm.error} />}
            <div>
              <Button type="submit" loading={confirm.pending}>
                {t('totpConfirm')}
              </Button>
            </div>
          </Stack>
        </Group>
      </Stack>
    </form>
  );
}

function Codes({ codes, onDone }: { codes: RecoveryCodes; onDone: () => void }) {
  const refresh = useChange('showProfile', ['showProfile']);
  const text = codes.recoveryCodes.join('\n');
  return (
    <Stack>
      <Text fw={600}>{t('recovery')}</Text>
      <Text>{t('recoveryAbout')}</Text>
      <List listStyleType="none" ff="monospace">
        {codes.recoveryCodes.map((code) => (
          <List.Item key={code}>{code}</List.Item>
        ))}
      </List>
      <Group>
        <CopyButton text={text} what={t('recovery')} wide />
        <Button variant="default" onClick={() => download('gatehouse-recovery-codes.txt', `${text}\n`)}>
          {t('recoveryDownload')}
        </Button>
        <Button
          onClick={async () => {
            await refresh.run();
            onDone();
          }}
        >
          {t('recoverySaved')}
        </Button>
      </Group>
    </Stack>
  );
}

function Stop({ onDone }: { onDone: () => void }) {
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const stop = useChange('stopTotp', ['showProfile']);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if ((await stop.run({ body: { password, code } })) !== null) onDone();
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack maw={360}>
        <PasswordInput
          label={t('currentPassword')}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
          required
        />
        <TextInput
          label={t('totpCode')}
          description={t('totpCodeHelp')}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          autoComplete="one-time-code"
          required
        />
        {stop.error !== null && <ErrorNotice error={stop.error} />}
        <div>
          <Button type="submit" color="red" loading={stop.pending}>
            {t('totpStop')}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
