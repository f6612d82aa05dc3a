import { Button, Group, Stack, Text, Timeline } from '@mantine/core';
import { useState } from 'react';
import type { AuditLine } from '../../../../contract/audit.js';
import { useSession } from '../../../api/session.js';
import { useRoute } from '../../../api/use-route.js';
import { Loaded } from '../../../parts/notice.js';
import { Section } from '../../../parts/page.js';
import { useActors } from '../../../parts/use-actors.js';
import { When } from '../../../parts/when.js';
import { td } from './words.js';

const STEP = 10;
const ACTS = ['create', 'adopt', 'update', 'rotate', 'revoke'] as const;

/** Who did what with it, newest first. */
export function KeyHistory({ id }: { id: string }) {
  const { may, organizationId } = useSession();
  const [limit, setLimit] = useState(STEP);
  const lines = useRoute(
    'listAudit',
    { query: { target: id, limit, organizationId } },
    { enabled: may('audit:read'), refetchEveryMs: 30_000 },
  );
  const actor = useActors(lines.data?.data.map((line) => line.actor) ?? []);
  if (!may('audit:read')) return null;
  return (
    <Section title={td('history')} about={td('historyAbout')}>
      <Loaded from={lines}>
        {({ data, nextCursor }) =>
          data.length === 0 ? (
            <Text c="dimmed">{td('historyNone')}</Text>
          ) : (
            <Stack gap="sm" align="flex-start">
              <Timeline bulletSize={14} lineWidth={2} active={data.length}>
                {data.map((line) => (
                  <Timeline.Item key={line.seq}>
                    <Line line={line} actor={actor(line.actor)} />
                  </Timeline.Item>
                ))}
              </Timeline>
              {nextCursor !== null && data.length === limit && limit < 200 && (
                <Button size="xs" variant="default" onClick={() => setLimit(Math.min(200, limit * 4))}>
                  {td('historyMore')}
                </Button>
              )}
            </Stack>
          )
        }
      </Loaded>
    </Section>
  );
}

function Line({ line, actor }: { line: AuditLine; actor: string }) {
  const act = ACTS.find((one) => line.action.endsWith(`.${one}`));
  const { fields, reason } = line.detail;
  return (
    <Stack gap={2}>
      <Group gap={6}>
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {actor}
        </Text>
        <Text size="sm">{act === undefined ? line.action : td(`act.${act}`)}</Text>
        {line.outcome !== 'ok' && <Text size="sm">{td('actOutcome', { outcome: line.outcome })}</Text>}
      </Group>
      {Array.isArray(fields) && <Text size="sm">{td('fields', { fields: fields.join(', ') })}</Text>}
      {typeof reason === 'string' && <Text size="sm">{td('revokedReason', { reason })}</Text>}
      <Text size="xs" c="dimmed">
        <When at={line.at} />
        {line.address !== null && ` · ${line.address}`}
      </Text>
    </Stack>
  );
}
