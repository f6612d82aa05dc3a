import {
  IconActivity,
  IconBuildingCommunity,
  IconFileText,
  IconFolder,
  IconHelpCircle,
  IconHistory,
  IconHome,
  IconKey,
  IconList,
  IconLock,
  IconMessageQuestion,
  IconPlugConnected,
  IconRoute,
  IconServer,
  IconShieldLock,
  IconTool,
  type TablerIcon,
} from '@tabler/icons-react';
import type { Session } from '../api/session.js';
import { t } from './words.js';

export interface Entry {
  readonly path: string;
  readonly label: string;
  readonly Icon: TablerIcon;
}

export interface Group {
  readonly label: string | null;
  readonly entries: readonly Entry[];
}

/** Where somebody may go: what would be refused is not offered. */
export function menuOf(session: Session): Group[] {
  const groups = [
    {
      label: null,
      entries: [
        entry('/', t('overview'), IconHome),
        entry('/ask', t('ask'), IconMessageQuestion, 'ask:run'),
        entry('/jobs', t('jobs'), IconList, 'jobs:read'),
        entry('/workspaces', t('workspaces'), IconFolder, 'projects:read'),
        entry('/prompts', t('prompts'), IconFileText, 'agents:read'),
      ],
    },
    {
      label: t('comeIn'),
      entries: [
        entry('/settings/api-keys', t('apiKeys'), IconKey, 'keys:read'),
        entry('/settings/service-keys', t('serviceKeys'), IconTool, 'keys:read'),
        entry(`/${session.organizationId}/mcp/tokens`, t('mcpTokens'), IconPlugConnected, 'keys:read'),
        entry('/usage', t('usage'), IconActivity, 'keys:read'),
        entry('/explain', t('explain'), IconHelpCircle, 'keys:read'),
      ],
    },
    {
      label: t('goOut'),
      entries: [
        entry('/credentials', t('credentials'), IconPlugConnected, 'secrets:read'),
        entry('/secrets', t('secrets'), IconLock, 'secrets:read'),
      ],
    },
    {
      label: t('settings'),
      entries: [
        entry('/people', t('people'), IconBuildingCommunity, 'members:read'),
        entry('/settings/security/network', t('network'), IconShieldLock, 'settings:read'),
        entry('/settings/routes', t('routes'), IconRoute, 'settings:read'),
        entry('/audit', t('audit'), IconHistory, 'audit:read'),
        entry('/settings/system', t('system'), IconServer, 'settings:read'),
      ],
    },
  ];
  return groups
    .map(({ label, entries }) => ({
      label,
      entries: entries.filter(({ scope }) => scope === null || session.may(scope)),
    }))
    .filter(({ entries }) => entries.length > 0);
}

function entry(path: string, label: string, Icon: TablerIcon, scope: string | null = null) {
  return { path, label, Icon, scope };
}
