import { Grid, Stack, Text, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router';
import type { Explanation } from '../../../contract/explain.js';
import { useSession } from '../../api/session.js';
import { useChange } from '../../api/use-route.js';
import { fieldErrors } from '../../parts/field-errors.js';
import { ErrorNotice } from '../../parts/notice.js';
import { Page } from '../../parts/page.js';
import { ExplainForm } from './explain-form.js';
import { bodyOf, check, linkOf, type Problems, type Question, questionOf } from './question.js';
import { Policy, Verdict } from './verdict.js';
import { t } from './words.js';

/** Why a request is let in or refused. What was asked is in the address, so that it can be handed on; a token never is. */
export default function Screen() {
  const { organizationId, may } = useSession();
  const [params, setParams] = useSearchParams();
  const [question, setQuestion] = useState(() => questionOf(params));
  const [problems, setProblems] = useState<Problems>({});
  const [explanation, setExplanation] = useState<Explanation | null>(null);
  const explain = useChange('explain');
  const said = Object.fromEntries(fieldErrors(explain.error).map(({ field, words }) => [field, words]));
  const ask = async (asked: Question) => {
    const wrong = check(asked);
    setProblems(wrong);
    if (Object.keys(wrong).length > 0) return setExplanation(null);
    setParams(linkOf(asked), { replace: true });
    setExplanation(await explain.run({ body: bodyOf(asked, organizationId) }));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: a link is answered once, when one comes by it
  useEffect(() => {
    if (question.path !== '') void ask(question);
  }, []);
  return (
    <Page title={t('title')} about={t('about')}>
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <ExplainForm
            question={question}
            problems={{ ...said, ...problems }}
            pending={explain.pending}
            onChange={setQuestion}
            onAsk={() => void ask(question)}
          />
          {!may('keys:read') && (
            <Text size="sm" c="dimmed" mt="sm">
              {t('noPermissionNote')}
            </Text>
          )}
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 7 }}>
          {explain.error !== null && Object.keys(said).length === 0 && <ErrorNotice error={explain.error} />}
          {explanation !== null && (
            <Stack gap="lg">
              <Verdict explanation={explanation} />
              <Stack gap="xs">
                <Title order={2} size="h5">
                  {t('policy')}
                </Title>
                <Policy explanation={explanation} />
              </Stack>
              <Text size="sm" c="dimmed">
                {t('moreAbout')}
              </Text>
            </Stack>
          )}
        </Grid.Col>
      </Grid>
    </Page>
  );
}
