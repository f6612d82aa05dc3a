import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { t } from './words.js';

/** The end of a form in a dialog: away from it, or on with what `children` say. */
export function FormActions({
  onCancel,
  pending,
  children,
}: {
  onCancel: () => void;
  pending: boolean;
  children: ReactNode;
}) {
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onCancel}>
        {t('cancel')}
      </Button>
      <Button type="submit" loading={pending}>
        {children}
      </Button>
    </Group>
  );
}
