import { Select, TextInput } from '@mantine/core';
import { useSearchParams } from 'react-router';
import { TypedFilter } from '../../parts/typed-filter.js';
import { t } from './words.js';

/** Search parameters that narrow the list. */
export const FILTERS = ['action', 'actor', 'target', 'outcome', 'since', 'from', 'to'];

const OUTCOMES = ['ok', 'refused', 'failed'] as const;
const HOUR_MS = 3_600_000;
const SPANS = { '1h': HOUR_MS, '24h': 24 * HOUR_MS, '7d': 168 * HOUR_MS, '30d': 720 * HOUR_MS } as const;
/** Two days are chosen instead. */
const DAYS = 'days';
/** So that asking again a moment later asks the same. */
const STEP_MS = 5 * 60_000;

/** What the address asks the server for. What it does not know is left out, so that an old link still shows lines. */
export function queryOf(params: URLSearchParams, nowMs = Date.now()) {
  const text = (name: string) => params.get(name)?.slice(0, 100) || undefined;
  const lengthMs = SPANS[params.get('since') as keyof typeof SPANS];
  const since = new Date(Math.floor(nowMs / STEP_MS) * STEP_MS - (lengthMs ?? 0)).toISOString();
  const asked = {
    action: text('action'),
    actor: text('actor'),
    target: text('target'),
    outcome: OUTCOMES.find((one) => one === params.get('outcome')),
    from: lengthMs === undefined ? dayOf(params.get('from'), 0) : since,
    to: lengthMs === undefined ? dayOf(params.get('to'), 1) : undefined,
  };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) as typeof asked;
}

/** The beginning of a day where the reader is, or of the one after it. */
function dayOf(day: string | null, later: number): string | undefined {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day ?? '') ?? [];
  if (year === undefined) return undefined;
  const at = new Date(Number(year), Number(month) - 1, Number(date) + later);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

export function Filters() {
  const [params, setParams] = useSearchParams();
  const set = (changes: Readonly<Record<string, string | null>>) =>
    setParams(
      (before) => {
        for (const [name, value] of Object.entries(changes)) {
          if (value === null || value === '') before.delete(name);
          else before.set(name, value);
        }
        return before;
      },
      { replace: true },
    );
  const since = params.has('from') || params.has('to') ? DAYS : (params.get('since') ?? null);
  return (
    <>
      <TypedFilter name="action" label={t('filterAction')} />
      <TypedFilter name="actor" label={t('filterActor')} />
      <TypedFilter name="target" label={t('filterTarget')} />
      <Select
        aria-label={t('outcome')}
        placeholder={t('anyOutcome')}
        data={OUTCOMES.map((value) => ({ value, label: t(value) }))}
        value={OUTCOMES.find((one) => one === params.get('outcome')) ?? null}
        onChange={(value) => set({ outcome: value })}
        clearable
        w={140}
      />
      <Select
        aria-label={t('time')}
        placeholder={t('anyTime')}
        data={[
          ...Object.keys(SPANS).map((value) => ({ value, label: t(`span.${value as keyof typeof SPANS}`) })),
          { value: DAYS, label: t('chooseDays') },
        ]}
        value={since}
        onChange={(value) => set({ since: value, from: null, to: null })}
        clearable
        w={170}
      />
      {since === DAYS &&
        (['from', 'to'] as const).map((name) => (
          <TextInput
            key={name}
            type="date"
            aria-label={t(name === 'from' ? 'firstDay' : 'lastDay')}
            value={params.get(name) ?? ''}
            onChange={(event) => set({ [name]: event.currentTarget.value, since: DAYS })}
            w={150}
          />
        ))}
    </>
  );
}
