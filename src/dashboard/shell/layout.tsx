import { Alert, AppShell, Box, Burger, Group, NavLink, ScrollArea, Select, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ReactNode, useEffect } from 'react';
import { Link, NavLink as RouterLink, useLocation } from 'react-router';
import { useLive } from '../api/live.js';
import { useSession } from '../api/session.js';
import gate from '../gate.svg';
import { AccountMenu } from './account-menu.js';
import { menuOf } from './menu.js';
import { t } from './words.js';

/** The frame around every screen: where one can go, where one acts, who one is. */
export function Layout({ children }: { children: ReactNode }) {
  const session = useSession();
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  const connected = useLive(session);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever went somewhere is done with the menu
  useEffect(close, [pathname]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding="md"
    >
      <a className="skip-link" href="#content">
        {t('skip')}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={t('menu')}
              aria-expanded={opened}
            />
            <Group
              gap={8}
              wrap="nowrap"
              renderRoot={(props) => (
                <Link to="/" aria-label="Gatehouse" {...props} style={{ color: 'inherit', textDecoration: 'none' }} />
              )}
            >
              <img src={gate} alt="" width={26} height={26} />
              <Text fw={700} visibleFrom="xs">
                Gatehouse
              </Text>
            </Group>
          </Group>
          <Group gap="xs" wrap="nowrap">
            {session.user.memberships.length > 1 && (
              <Select
                aria-label={t('organization')}
                data={session.user.memberships.map((one) => ({
                  value: one.organizationId,
                  label: one.organizationName,
                }))}
                value={session.organizationId}
                onChange={(id) => id !== null && session.act(id)}
                size="xs"
                w={{ base: 120, sm: 180 }}
              />
            )}
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label={t('menu')}>
        <ScrollArea type="scroll" scrollbarSize={6}>
          {menuOf(session).map(({ label, entries }) => (
            <div key={label ?? ''}>
              {label !== null && (
                <Text size="xs" fw={700} c="dimmed" px="sm" pt="md" pb={4}>
                  {label}
                </Text>
              )}
              {entries.map(({ path, label: name, Icon }) => (
                <NavLink
                  key={path}
                  component={RouterLink}
                  to={path}
                  end={path === '/'}
                  label={name}
                  leftSection={<Icon size={18} stroke={1.6} aria-hidden />}
                  active={path === '/' ? pathname === '/' : pathname === path || pathname.startsWith(`${path}/`)}
                />
              ))}
            </div>
          ))}
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        {!connected && (
          <Alert color="yellow" mb="md" role="status">
            {t('stale')}
          </Alert>
        )}
        <Box maw={1280}>{children}</Box>
      </AppShell.Main>
    </AppShell>
  );
}
