import 'uplot/dist/uPlot.min.css';
import { Box, useComputedColorScheme, useMantineTheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import { language, number } from '../words/words.js';
import type { ChartProps } from './chart.js';

const HEIGHT = 220;
const WHOLE = Array.from(
  { length: 28 },
  (_, at) => [1, 2, 5].map((one) => one * 10 ** Math.floor(at / 3))[at % 3] ?? 1,
);
const STEPS = UPlot.paths.stepped?.({ align: 1 }) ?? (() => null);

const EVEN: UPlot.Scale = { range: (_plot, _least, most) => [0, Math.max(1, most * 1.1)] };
/** From the power of ten below the least to the one above the most. */
const MAGNITUDES: UPlot.Scale = {
  distr: 3,
  range: (_plot, least, most) => [
    10 ** Math.floor(Math.log10(Math.max(least, LEAST))),
    10 ** (Math.floor(Math.log10(Math.max(most, LEAST))) + 1),
  ],
};
/** Nothing is nearer to 0 than this where magnitudes are drawn. */
const LEAST = 0.01;
const above0 = (value: number | null) => (value === null ? null : Math.max(value, LEAST));
const powersOfTen = (_plot: UPlot, splits: number[]) =>
  splits.map((one) => (Number.isInteger(Number(Math.log10(one).toFixed(6))) ? one : null));

/** The drawing of a chart; in a file of its own, since its library is loaded with the first chart. */
export default function Plot({ times, series, kind = 'line', scale = 'even', unit = '' }: ChartProps) {
  const { ref: sized, width } = useElementSize();
  const place = useRef<HTMLDivElement>(null);
  const theme = useMantineTheme();
  const scheme = useComputedColorScheme();
  useEffect(() => {
    if (place.current === null || width === 0) return;
    const ink = scheme === 'dark' ? '#c9c9c9' : '#495057';
    const grid = { stroke: scheme === 'dark' ? '#424242' : '#dee2e6', width: 1 };
    const axis = { stroke: ink, grid, ticks: grid, font: '12px system-ui' };
    const isEven = scale === 'even';
    const values = isEven ? series.map((one) => one.values) : series.map((one) => one.values.map(above0));
    const drawn = kind === 'stacked' ? stacked(series) : values;
    const plot = new UPlot(
      {
        width,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: true }, y: isEven ? EVEN : MAGNITUDES },
        // The last time of day is wider than half the room beside it.
        padding: [null, 28, null, null],
        axes: [
          { ...axis, space: 80, values: (_plot, splits) => splits.map(clock) },
          {
            ...axis,
            // Things are counted whole.
            ...(unit === '' ? { incrs: WHOLE } : {}),
            ...(isEven ? {} : { filter: powersOfTen, grid: { ...grid, filter: powersOfTen }, ticks: { show: false } }),
            size: unit === '' ? 60 : 80,
            values: (_plot, splits) => splits.map((one) => (one === null ? '' : number(one) + unit)),
          },
        ],
        series: [
          {},
          ...series.map(({ label, color, values }) => {
            const stroke = colorOf(theme.colors, color);
            return {
              label,
              stroke,
              width: 2,
              // A value that stands alone is no line.
              points: { show: values.filter((one) => one !== null).length < 3 },
              ...(kind === 'steps' ? { paths: STEPS } : {}),
              ...(kind === 'stacked' ? { fill: stroke } : {}),
            };
          }),
        ],
      },
      [times.map((at) => Date.parse(at) / 1000), ...drawn] as UPlot.AlignedData,
      place.current,
    );
    return () => plot.destroy();
  }, [times, series, kind, scale, unit, width, scheme, theme]);
  return (
    <Box ref={sized} h={HEIGHT} aria-hidden>
      <div ref={place} />
    </Box>
  );
}

/** The time of day as people where the reader is write it; at midnight, and where hours do not show, the day. */
function clock(seconds: number): string {
  const at = new Date(seconds * 1000);
  const isMidnight = at.getHours() === 0 && at.getMinutes() === 0;
  const parts = isMidnight
    ? ({ day: 'numeric', month: 'short' } as const)
    : ({ hour: 'numeric', minute: '2-digit' } as const);
  return new Intl.DateTimeFormat(language(), parts).format(at);
}

/** The first series lies on top: each is drawn with what is below it, the highest first. */
function stacked(series: ChartProps['series']): (number | null)[][] {
  return series.map((one, index) =>
    one.values.map((_, at) => series.slice(index).reduce((sum, { values }) => sum + (values[at] ?? 0), 0)),
  );
}

function colorOf(colors: Readonly<Record<string, readonly string[]>>, name: string): string {
  const [color = '', shade = '6'] = name.split('.');
  return colors[color]?.[Number(shade)] ?? name;
}
