import { Alert, Anchor, Group, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { IconClockPause } from '@tabler/icons-react';
import { type FormEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { ConfirmIdentity as Proofs } from '../../contract/auth.js';
import { call, type GatehouseError } from '../api/call.js';
import { askProofsWith } from '../api/fresh-proof.js';
import { showPasskey, wasCancelled } from '../api/passkeys.js';
import { useSession } from '../api/session.js';
import { asGatehouseError } from '../api/use-route.js';
import { FormActions } from './form-actions.js';
import { ErrorNotice } from './notice.js';
import { useOwnPasskeys } from './use-own-passkeys.js';
import { t } from './words.js';

/** Above whatever dialog asked for the change. */
const ABOVE_DIALOGS = 400;

/** The one dialog that asks whoever sits here to prove who they are, whichever screen the change comes from. */
export function ConfirmIdentity() {
  const [opened, setOpened] = useState(false);
  const settle = useRef<((proven: boolean) => void) | null>(null);
  const end = useRef((proven: boolean) => {
    setOpened(false);
    settle.current?.(proven);
    settle.current = null;
  }).current;
  useEffect(
    () =>
      askProofsWith(() => {
        setOpened(true);
        return new Promise<boolean>((resolve) => {
          settle.current = resolve;
        });
      }),
    [],
  );
  // Every open dialog hears Escape from the window, those below this one too. This one is there before any of them, so
  // it hears it first and keeps it.
  useLayoutEffect(() => {
    const keep = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.isComposing || settle.current === null) return;
      event.stopImmediatePropagation();
      end(false);
    };
    window.addEventListener('keydown', keep, { capture: true });
    return () => window.removeEventListener('keydown', keep, { capture: true });
  }, [end]);
  return (
    <Modal
      opened={opened}
      onClose={() => end(false)}
      title={t('proofTitle')}
      zIndex={ABOVE_DIALOGS}
      closeOnEscape={false}
      returnFocus={false}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Proof onProven={() => end(true)} onCancel={() => end(false)} />
    </Modal>
  );
}

type Way = 'password' | 'code';

/** What is typed lives here and nowhere else, and is gone when the dialog is. */
function Proof({ onProven, onCancel }: { onProven: () => void; onCancel: () => void }) {
  const { user } = useSession();
  const [way, setWay] = useState<Way>('password');
  const [typed, setTyped] = useState('');
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<GatehouseError | null>(null);
  const [empty, setEmpty] = useState(false);
  const hasPasskey = useOwnPasskeys();
  const field = useRef<HTMLInputElement>(null);
  const isGone = useRef(false);
  useEffect(() => {
    isGone.current = false;
    return () => {
      isGone.current = true;
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new fault leads back to the field, and so does another way
  useEffect(() => field.current?.select(), [error, empty, way]);
  const prove = async (proof: () => Promise<Proofs>) => {
    if (pending) return;
    setPending(true);
    setError(null);
    try {
      await call('confirmIdentity', { body: await proof() });
      if (!isGone.current) onProven();
    } catch (failure) {
      if (!wasCancelled(failure)) setError(asGatehouseError(failure));
    } finally {
      setPending(false);
    }
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setEmpty(typed === '');
    if (typed !== '') await prove(async () => (way === 'password' ? { password: typed } : { code: typed }));
  };
  const passkey = () => prove(async () => ({ passkey: await showPasskey(await call('confirmOptions')) }));
  const fault = empty ? t('proofNothing') : faultOf(error, way);
  const common = {
    ref: field,
    value: typed,
    onChange: (event: { currentTarget: { value: string } }) => {
      setTyped(event.currentTarget.value);
      setEmpty(false);
    },
    error: fault,
    'data-autofocus': true,
    spellCheck: false,
    required: true,
    withAsterisk: false,
    'aria-invalid': fault !== null,
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        <Text size="sm">{t('proofWhy')}</Text>
        {/* So that a password manager knows whose password is wanted. */}
        <input type="text" name="username" autoComplete="username" value={user.email} readOnly hidden />
        {way === 'password' ? (
          <PasswordInput
            {...common}
            label={t('proofPassword')}
            autoComplete="current-password"
            visibilityToggleButtonProps={{ 'aria-label': t('showPassword'), tabIndex: 0 }}
          />
        ) : (
          <TextInput
            {...common}
            label={t('proofCode')}
            description={t('proofCodeHelp')}
            autoComplete="one-time-code"
            inputMode="numeric"
            maxLength={12}
          />
        )}
        {(user.totp || hasPasskey) && (
          <Group gap="xl">
            {user.totp && (
              <Anchor
                component="button"
                type="button"
                size="sm"
                py={4}
                onClick={() => {
                  setWay(way === 'password' ? 'code' : 'password');
                  setTyped('');
                  setError(null);
                  setEmpty(false);
                }}
              >
                {way === 'password' ? t('proofUseCode') : t('proofUsePassword')}
              </Anchor>
            )}
            {hasPasskey && (
              <Anchor component="button" type="button" size="sm" py={4} onClick={() => void passkey()}>
                {t('proofUsePasskey')}
              </Anchor>
            )}
          </Group>
        )}
        <Refused error={error} isAtField={fault !== null} />
        <FormActions onCancel={onCancel} pending={pending}>
          {t('proofConfirm')}
        </FormActions>
      </Stack>
    </form>
  );
}

/** What is wrong with what was typed, in words for its field; `null`: nothing, or it is about something else. */
function faultOf(error: GatehouseError | null, way: Way): string | null {
  if (error === null || !error.detail.startsWith(`${way}: `)) return null;
  if (way === 'password') return t('proofWrongPassword');
  return error.code === 'BAD_REQUEST' ? t('proofNoCode') : t('proofWrongCode');
}

function Refused({ error, isAtField }: { error: GatehouseError | null; isAtField: boolean }) {
  if (error === null || isAtField) return null;
  if (error.code !== 'RATE_LIMITED' || error.retryAfterSeconds === null) return <ErrorNotice error={error} />;
  return (
    <Alert color="yellow" icon={<IconClockPause aria-hidden />} role="alert">
      {t('proofWait', { count: Math.max(1, Math.ceil(error.retryAfterSeconds / 60)) })}
    </Alert>
  );
}
