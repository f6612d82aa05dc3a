import { lazy, Suspense } from 'react';
import { ChartFrame, type Series } from './chart-frame.js';
import { Waiting } from './notice.js';
import { absolute } from './when.js';
import { t } from './words.js';

export type { Series } from './chart-frame.js';

export interface ChartProps {
  /** What is seen in one sentence, with numbers: it stands above, for everybody. */
  readonly sentence: string;
  /** ISO 8601, one for each value. */
  readonly times: readonly string[];
  readonly series: readonly Series[];
  /** `steps`: a value holds until the next one. */
  readonly kind?: 'line' | 'stacked' | 'steps';
  /** `magnitudes`: 1, 10, 100 are equally far apart, for values of which one may dwarf the others. Default: evenly. */
  readonly scale?: 'even' | 'magnitudes';
  /** Written behind numbers: ` ms`. */
  readonly unit?: string;
}

const Plot = lazy(() => import('./plot.js'));

/** Numbers over time; the same numbers as a table for whoever would rather read. */
export function Chart(props: ChartProps) {
  const { sentence, times, series, unit } = props;
  return (
    <ChartFrame sentence={sentence} header={t('at')} labels={times.map(absolute)} series={series} unit={unit}>
      <Suspense fallback={<Waiting />}>
        <Plot {...props} />
      </Suspense>
    </ChartFrame>
  );
}
