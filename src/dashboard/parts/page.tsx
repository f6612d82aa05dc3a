import { Box, Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { useLocation } from 'react-router';

export interface PageProps {
  readonly title: string;
  /** One sentence: what this page is for. */
  readonly about?: ReactNode;
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
}

/** One screen: its only h1, which takes the focus when one comes here, so that screen readers say where one is. */
export function Page({ title, about, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { pathname } = useLocation();
  useEffect(() => {
    document.title = `${title} · Gatehouse`;
  }, [title]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each place
  useEffect(() => {
    if (document.body.dataset['moved'] === 'true') heading.current?.focus({ preventScroll: true });
    document.body.dataset['moved'] = 'true';
    window.scrollTo(0, 0);
  }, [pathname]);
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-start" gap="md">
        <Box flex="1 1 20rem" miw={0}>
          <Title order={1} ref={heading} tabIndex={-1}>
            {title}
          </Title>
          {about !== undefined && (
            <Text c="dimmed" mt={4} maw="70ch">
              {about}
            </Text>
          )}
        </Box>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}

/** A part of a page with a heading of its own. */
export function Section({ title, about, actions, children }: PageProps) {
  return (
    <Stack gap="sm" component="section">
      <Group justify="space-between" align="flex-start">
        <Box flex="1 1 16rem" miw={0}>
          <Title order={2}>{title}</Title>
          {about !== undefined && (
            <Text c="dimmed" size="sm" maw="70ch">
              {about}
            </Text>
          )}
        </Box>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
