import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { GatehouseError } from '../api/call.js';
import { ErrorNotice } from './notice.js';
import { t } from './words.js';

export interface ConfirmProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** What will be, in numbers where there are any: "used 1,204 times in 24 h, last 2 minutes ago". */
  readonly children: ReactNode;
  /** To be typed before it can be done; left out: a click does. */
  readonly name?: string;
  readonly action: string;
  readonly pending: boolean;
  readonly error: GatehouseError | null;
  readonly onConfirm: () => void;
  /** Red for what cannot be taken back. */
  readonly danger?: boolean;
}

/** Asks before something is done that others feel. */
export function Confirm(props: ConfirmProps) {
  const { opened, onClose, title, children, name, action, pending, error, onConfirm, danger = true } = props;
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);
  const close = () => {
    setTyped('');
    setWrong(false);
    onClose();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name !== undefined && typed.trim() !== name) setWrong(true);
    else onConfirm();
  };
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={submit}>
        <Stack>
          {children}
          {name !== undefined && (
            <TextInput
              label={t('typeName', { name })}
              value={typed}
              onChange={(event) => {
                setTyped(event.currentTarget.value);
                setWrong(false);
              }}
              error={wrong ? t('typeNameWrong', { name }) : null}
              data-autofocus
              spellCheck={false}
            />
          )}
          {error !== null && <ErrorNotice error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('cancel')}
            </Button>
            <Button type="submit" color={danger ? 'red' : 'gate'} loading={pending}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
