import { Button, Group } from '@mantine/core';
import { Link, useLocation } from 'react-router';
import { useSession } from '../../api/session.js';
import { t } from './words.js';

/** Operators see beyond their own organization. */
export function PeopleTabs() {
  const { isOperator } = useSession();
  const { pathname } = useLocation();
  if (!isOperator) return null;
  const places = [
    ['/people', t('members')],
    ['/people/users', t('users')],
    ['/people/organizations', t('organizations')],
  ] as const;
  return (
    <Group component="nav" gap="xs" aria-label={t('title')}>
      {places.map(([path, label]) => (
        <Button
          key={path}
          component={Link}
          to={path}
          size="xs"
          variant={path === pathname ? 'filled' : 'default'}
          aria-current={path === pathname ? 'page' : undefined}
        >
          {label}
        </Button>
      ))}
    </Group>
  );
}
