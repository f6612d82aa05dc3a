import { Button, Menu, useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconLogout, IconMoon, IconSun, IconUser } from '@tabler/icons-react';
import { Link } from 'react-router';
import { call, leave } from '../api/call.js';
import { useSession } from '../api/session.js';
import { chooseLanguage, LANGUAGES, type Language, language } from '../words/words.js';
import { t } from './words.js';

/** Who is signed in, and how they like to see things. */
export function AccountMenu() {
  const { user } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = async () => {
    await call('logout').catch(() => {});
    leave('left');
  };
  const schemes = [
    ['auto', t('auto'), IconDeviceDesktop],
    ['light', t('light'), IconSun],
    ['dark', t('dark'), IconMoon],
  ] as const;
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<IconUser size={16} aria-hidden />}>
          {user.name || user.email}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to="/account">
          {t('account')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('appearance')}</Menu.Label>
        {schemes.map(([scheme, label, Icon]) => (
          <Menu.Item
            key={scheme}
            role="menuitemradio"
            aria-checked={colorScheme === scheme}
            fw={colorScheme === scheme ? 700 : 400}
            leftSection={<Icon size={16} aria-hidden />}
            onClick={() => setColorScheme(scheme)}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Label>{t('language')}</Menu.Label>
        {(Object.entries(LANGUAGES) as [Language, string][]).map(([code, name]) => (
          <Menu.Item
            key={code}
            lang={code}
            role="menuitemradio"
            aria-checked={language() === code}
            fw={language() === code ? 700 : 400}
            onClick={() => chooseLanguage(code)}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void signOut()}>
          {t('signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
