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

/** The drawing of a chart; in a file of its own, since its library is loaded with the first chart. */
export default function Plot({ times, series, kind = 'line', unit = '' }: ChartProps) {
  const { ref: sized, width } = useElementSize();
  const place = useRef<HTMLDivElement>(null);
  const theme = useMantineTheme();
  const scheme = useComputedColorScheme();
  useEffect(() => {
    if (place.current === null || width === 0) return;
    const ink = scheme === 'dark' ? '#c9c9c9' : '#495057';
    const grid = { stroke: scheme === 'dark' ? '#424242' : '#dee2e6', width: 1 };
    const axis = { stroke: ink, grid, ticks: grid, font: '12px system-ui' };
    const drawn = kind === 'stacked' ? stacked(series) : series.map(({ values }) => values);
    const plot = new UPlot(
      {
        width,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: true }, y: { range: (_plot, _least, most) => [0, Math.max(1, most * 1.1)] } },
        axes: [
          { ...axis, space: 80, values: (_plot, splits) => splits.map(clock) },
          {
            ...axis,
            // Things are counted whole.
            ...(unit === '' ? { incrs: WHOLE } : {}),
            size: unit === '' ? 60 : 80,
            values: (_plot, splits) => splits.map((one) => number(one) + unit),
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
  }, [times, series, kind, unit, width, scheme, theme]);
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
