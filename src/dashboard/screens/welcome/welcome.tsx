import { Group, Text } from '@mantine/core';
import { useSearchParams } from 'react-router';
import { Needs } from '../../parts/needs.js';
import { Page } from '../../parts/page.js';
import { State } from '../../parts/state.js';
import { FirstKey } from './first-key.js';
import { ReachStep } from './reach-step.js';
import { Summary } from './summary.js';
import { t } from './words.js';

const STEPS = ['reach', 'key', 'done'] as const;
type Step = (typeof STEPS)[number];

/** What is left to settle once there is an administrator: how people come here, a first key, and what is still open. */
export default function Welcome() {
  const [params, setParams] = useSearchParams();
  const step = STEPS.find((one) => one === params.get('step')) ?? 'reach';
  const go = (next: Step) => setParams({ step: next });
  return (
    <Page title={t('title')} about={t('about')}>
      <Progress step={step} />
      <Needs scope="settings:read">
        {step === 'reach' && <ReachStep onNext={() => go('key')} />}
        {step === 'key' && <FirstKey onNext={() => go('done')} onBack={() => go('reach')} />}
        {step === 'done' && <Summary onBack={() => go('key')} />}
      </Needs>
    </Page>
  );
}

/** Where one is: the account is there already, or nobody could see this. */
function Progress({ step }: { step: Step }) {
  const at = STEPS.indexOf(step);
  return (
    <Group component="ol" gap="lg" m={0} p={0} style={{ listStyle: 'none' }} aria-label={t('steps')}>
      {(['account', ...STEPS] as const).map((one, index) => {
        const isHere = index === at + 1;
        const isBehind = index < at + 1;
        return (
          <li key={one} aria-current={isHere ? 'step' : undefined}>
            {isBehind ? (
              <State tone="good">
                {t(`step.${one}`)}
                <span className="visually-hidden"> {t('stepBehind')}</span>
              </State>
            ) : (
              <Text
                size="sm"
                fw={isHere ? 700 : 500}
                {...(isHere ? {} : { c: 'dimmed' })}
                style={isHere ? { borderBottom: '2px solid var(--mantine-primary-color-filled)' } : {}}
              >
                {`${index + 1}. ${t(`step.${one}`)}`}
              </Text>
            )}
          </li>
        );
      })}
    </Group>
  );
}
