import { Alert, Button, Checkbox, Code, Group, Modal, Paper, Stack, Tabs, Text } from '@mantine/core';
import { IconAlertTriangle, IconDownload } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useSearchParams } from 'react-router';
import type { KeyView } from '../../../../contract/keys.js';
import { useSession } from '../../../api/session.js';
import { CodeBlock, CopyButton } from '../../../parts/copy.js';
import { Page, Section } from '../../../parts/page.js';
import { download } from '../../../parts/table-export.js';
import { absolute } from '../../../parts/when.js';
import type { Family } from '../family.js';
import { to } from '../words.js';
import { FirstRequest } from './first-request.js';
import { useLeaveGuard } from './leave-guard.js';
import { snippets } from './snippets.js';

interface Props {
  readonly family: Family;
  readonly made: { readonly key: KeyView; readonly token: string };
  /** It replaces an older secret. */
  readonly isRotation?: boolean;
}

/** Shows a token, the only time. It is in the state of whoever shows this, and goes with it. */
export function Reveal({ family, made, isRotation = false }: Props) {
  const { key, token } = made;
  const session = useSession();
  const [saved, setSaved] = useState(false);
  const [isMissing, setMissing] = useState(false);
  const tick = useRef<HTMLInputElement>(null);
  const guard = useLeaveGuard(true);
  const [params] = useSearchParams();
  const done = () => {
    if (saved)
      return guard.to(params.get('from') === 'welcome' ? '/welcome?step=done' : `${family.path(session)}/${key.id}`);
    setMissing(true);
    tick.current?.focus();
  };
  return (
    <Page title={to(isRotation ? 'rotated' : 'made', { name: key.name })} about={to('about')}>
      {!window.isSecureContext && (
        <Alert color="orange" icon={<IconAlertTriangle aria-hidden />}>
          {to('plainHttp')}
        </Alert>
      )}
      <Paper withBorder p="lg">
        <Stack gap="md">
          <Token family={family} name={key.name} token={token} />
          {isRotation && <Text size="sm">{graceOf(key)}</Text>}
          <Group gap="lg">
            <Checkbox
              ref={tick}
              label={to('saved')}
              checked={saved}
              error={isMissing ? to('savedMissing') : null}
              onChange={(event) => {
                setSaved(event.currentTarget.checked);
                setMissing(false);
              }}
            />
            <Button onClick={done}>{to('done')}</Button>
          </Group>
        </Stack>
      </Paper>
      <FirstRequest family={family} keyView={key} />
      <Ways family={family} />
      <Modal opened={guard.asked} onClose={guard.stay} title={to('leaveTitle')} withCloseButton={false}>
        <Stack>
          <Text size="sm">{to('leaveText')}</Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={guard.stay} data-autofocus>
              {to('stay')}
            </Button>
            <Button color="red" onClick={guard.leave}>
              {to('leave')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Page>
  );
}

function graceOf({ secrets }: KeyView): string {
  const ends = secrets[secrets.length - 2]?.expiresAt ?? null;
  return ends === null || Date.parse(ends) <= Date.now() ? to('noGrace') : to('grace', { date: absolute(ends) });
}

function Token({ family, name, token }: { family: Family; name: string; token: string }) {
  const shown = useRef<HTMLElement>(null);
  const file = `${
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'gatehouse'
  }.env`;
  return (
    <>
      <Code
        block
        ref={shown as never}
        tabIndex={0}
        aria-label={to('token')}
        fz="md"
        style={{ userSelect: 'all', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
      >
        {token}
      </Code>
      <Group gap="sm">
        <CopyButton text={token} what={to('copyKey')} shown={shown} wide />
        <Button
          variant="default"
          leftSection={<IconDownload size={18} aria-hidden />}
          onClick={() => download(file, `${family.variable}=${token}\n`)}
        >
          {to('download')}
        </Button>
        <Text size="sm" c="dimmed">
          {to('downloadHint', { file })}
        </Text>
      </Group>
    </>
  );
}

function Ways({ family }: { family: Family }) {
  const ways = snippets(family);
  return (
    <Section title={to('tryIt')} about={to('tryItText', { variable: family.variable })}>
      <Tabs defaultValue="curl">
        <Tabs.List aria-label={to('howto')}>
          {ways.map(([way]) => (
            <Tabs.Tab key={way} value={way}>
              {to(way)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {ways.map(([way, text]) => (
          <Tabs.Panel key={way} value={way} pt="sm">
            <CodeBlock text={text} what={to(way)} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Section>
  );
}
