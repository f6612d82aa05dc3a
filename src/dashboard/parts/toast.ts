import { notifications } from '@mantine/notifications';
import { t } from './words.js';

/** Says in passing that something is done. Never a secret: it stays readable for a while. */
export function said(message: string): void {
  notifications.show({ message, color: 'gate', withBorder: true, closeButtonProps: { 'aria-label': t('close') } });
}
