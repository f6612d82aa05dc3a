/** A line too small for axes, in a table or a tile. Its sentence is for those who do not see it. */
export function Sparkline({
  values,
  sentence,
  width = 96,
  height = 24,
}: {
  values: readonly number[];
  sentence: string;
  width?: number;
  height?: number;
}) {
  const most = Math.max(1, ...values);
  const step = values.length > 1 ? (width - 2) / (values.length - 1) : 0;
  const points = values
    .map((value, index) => `${1 + index * step},${height - 1 - (value / most) * (height - 3)}`)
    .join(' ');
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={sentence}>
      <polyline points={points} fill="none" stroke="var(--mantine-color-gate-6)" strokeWidth="1.5" />
    </svg>
  );
}
