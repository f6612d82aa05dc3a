import { Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { language } from '../words/words.js';
import { t } from './words.js';

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

/** "5 minutes ago"; in words of the chosen language. */
export function relative(iso: string, nowMs = Date.now()): string {
  const seconds = Math.round((Date.parse(iso) - nowMs) / 1000);
  const [unit, size] = UNITS.find(([, least]) => Math.abs(seconds) >= least) ?? ['second', 1];
  return new Intl.RelativeTimeFormat(language(), { numeric: 'auto' }).format(Math.trunc(seconds / size), unit);
}

export const absolute = (iso: string) =>
  new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(iso));

/** A moment as people say it, with the exact one (here and in UTC) behind it. */
export function When({ at }: { at: string | null | undefined }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 30_000);
    return () => clearInterval(timer);
  }, []);
  if (at == null) return <span>{t('never')}</span>;
  return (
    <Tooltip label={`${absolute(at)} · ${at}`}>
      <time dateTime={at}>{relative(at)}</time>
    </Tooltip>
  );
}
