import { Anchor, Box, Button, Group, Paper, SegmentedControl, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { CredentialTypeView, CredentialView } from '../../../contract/credentials.js';
import { useSession } from '../../api/session.js';
import { useAll } from '../../api/use-all.js';
import { useRoute } from '../../api/use-route.js';
import { EmptyState, Loaded } from '../../parts/notice.js';
import { needsAttention, TypeHealth } from './health.js';
import { TypeIcon } from './type-icon.js';
import { VaultNotice } from './vault-notice.js';
import { type Category, t } from './words.js';

const SHOWN = ['all', 'set', 'attention'] as const;

/** Every type as a card, by category, with what is saved of it in the workspace. */
export function TypeCards({ workspaceId }: { workspaceId: string }) {
  const types = useRoute('listCredentialTypes');
  const saved = useAll('listCredentials', { params: { workspaceId } });
  const [params, setParams] = useSearchParams();
  // The address follows what is typed: it is too slow to lead it.
  const [search, setSearch] = useState(params.get('search') ?? '');
  const shown = SHOWN.find((one) => one === params.get('show')) ?? 'all';
  const set = (name: string, value: string) =>
    setParams(
      (before) => {
        if (value === '' || value === 'all') before.delete(name);
        else before.set(name, value);
        return before;
      },
      { replace: true },
    );
  return (
    <Loaded from={types}>
      {({ data }) => (
        <Loaded from={saved}>
          {(credentials) => {
            const of = (type: CredentialTypeView) => credentials.filter((one) => one.type === type.id);
            const known = new Set(data.map(({ id }) => id));
            const orphans = credentials.filter(({ type }) => !known.has(type));
            const found = data
              .filter((type) => fits(type, search))
              .filter(
                (type) => shown === 'all' || (shown === 'set' ? of(type).length > 0 : of(type).some(needsAttention)),
              );
            const categories = [...new Set(found.map(({ category }) => category))];
            return (
              <Stack gap="lg">
                <VaultNotice sealed={credentials} />
                <Group justify="space-between" gap="xs">
                  <TextInput
                    type="search"
                    aria-label={t('searchTypes')}
                    placeholder={t('searchTypes')}
                    leftSection={<IconSearch size={16} aria-hidden />}
                    value={search}
                    onChange={(event) => {
                      setSearch(event.currentTarget.value);
                      set('search', event.currentTarget.value);
                    }}
                    maxLength={100}
                    w={{ base: '100%', xs: 280 }}
                  />
                  <SegmentedControl
                    aria-label={t('show')}
                    size="xs"
                    data={SHOWN.map((value) => ({ value, label: t(`show.${value}`) }))}
                    value={shown}
                    onChange={(value) => set('show', value)}
                  />
                </Group>
                <span className="visually-hidden" role="status">
                  {search === '' ? '' : t('typesFound', { count: found.length })}
                </span>
                {orphans.length > 0 && (
                  <Text size="sm">
                    {t('typeGone', { names: orphans.map(({ name }) => name).join(', ') })}{' '}
                    <Anchor component={Link} to="/credentials?tab=saved" underline="always">
                      {t('tabSaved')}
                    </Anchor>
                  </Text>
                )}
                {found.length === 0 && (
                  <EmptyState
                    title={search === '' && shown !== 'all' ? t(`none.${shown}`) : t('noTypeFits')}
                    action={
                      <Button
                        onClick={() => {
                          setSearch('');
                          setParams(new URLSearchParams({ workspace: workspaceId }));
                        }}
                      >
                        {t('showAll')}
                      </Button>
                    }
                  >
                    {search === '' && shown === 'set'
                      ? t('noneSavedText')
                      : search === '' && shown === 'attention'
                        ? t('none.attentionText')
                        : t('noTypeFitsText')}
                  </EmptyState>
                )}
                <Box style={CARDS}>
                  {categories.map((category) => (
                    <Stack
                      key={category}
                      gap="xs"
                      component="section"
                      style={isSingle(found, category) ? {} : WHOLE_ROW}
                    >
                      <Title order={2} size="h4">
                        {t(`category.${category as Category}`)}
                      </Title>
                      <Box style={CARDS}>
                        {found
                          .filter((type) => type.category === category)
                          .map((type) => (
                            <TypeCard key={type.id} type={type} saved={of(type)} workspaceId={workspaceId} />
                          ))}
                      </Box>
                    </Stack>
                  ))}
                </Box>
              </Stack>
            );
          }}
        </Loaded>
      )}
    </Loaded>
  );
}

/** Categories of one type share a row. */
const CARDS = {
  display: 'grid',
  gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 232px), 1fr))',
  gap: 'var(--mantine-spacing-md) var(--mantine-spacing-sm)',
} as const;
const WHOLE_ROW = { gridColumn: '1 / -1' } as const;
const isSingle = (types: readonly CredentialTypeView[], category: string) =>
  types.filter((type) => type.category === category).length === 1;

interface TypeCardProps {
  readonly type: CredentialTypeView;
  readonly saved: readonly CredentialView[];
  readonly workspaceId: string;
}

function TypeCard({ type, saved, workspaceId }: TypeCardProps) {
  const { may } = useSession();
  const [only] = saved;
  const list =
    saved.length === 1 && only !== undefined
      ? `/credentials/${workspaceId}/${only.id}`
      : `/credentials?workspace=${workspaceId}&tab=saved&type=${type.id}`;
  return (
    <Paper withBorder p="sm" radius="md" component="article" aria-label={type.label}>
      <Stack gap="sm" h="100%" justify="space-between">
        <Group wrap="nowrap" gap="sm" align="flex-start">
          <TypeIcon type={type.id} category={type.category} />
          <Stack gap={2} miw={0}>
            <Text fw={600} lh={1.3}>
              {type.label}
            </Text>
            <TypeHealth saved={saved} />
          </Stack>
        </Group>
        <Group justify="space-between" gap="xs" mih={30}>
          {saved.length > 0 ? (
            <Anchor component={Link} to={list} size="sm">
              {saved.length === 1 ? only?.name : t('savedCount', { count: saved.length })}
            </Anchor>
          ) : (
            <span />
          )}
          {may('secrets:write') && (
            <Button
              component={Link}
              to={`/credentials/configure/${type.id}?workspace=${workspaceId}`}
              variant={saved.length === 0 ? 'light' : 'default'}
              size="xs"
              aria-label={
                saved.length === 0 ? t('configureNamed', { type: type.label }) : `${t('addAnother')}: ${type.label}`
              }
            >
              {saved.length === 0 ? t('configure') : t('addAnother')}
            </Button>
          )}
        </Group>
      </Stack>
    </Paper>
  );
}

function fits(type: CredentialTypeView, search: string): boolean {
  const text = `${type.id} ${type.label} ${type.category} ${t(`category.${type.category as Category}`)}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
