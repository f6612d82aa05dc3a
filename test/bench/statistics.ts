export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** One line of the table: what was measured, and what it must hold. */
export interface Line {
  readonly what: string;
  readonly measured: number;
  readonly unit: string;
  /** Infinity: measured for scale, nothing is promised. */
  readonly hold: number;
  /** Figures beside it that explain it. */
  readonly notes: string;
}

export function printTable(lines: readonly Line[]): string {
  const rows = lines.map(({ what, measured, unit, hold, notes }) => [
    what,
    `${measured.toFixed(2)} ${unit}`,
    hold === Number.POSITIVE_INFINITY ? '–' : `≤ ${hold} ${unit}`,
    hold === Number.POSITIVE_INFINITY ? '' : measured <= hold ? 'holds' : 'MISSES',
    notes,
  ]);
  const all = [['what', 'measured', 'hold', '', 'notes'], ['---', '---', '---', '---', '---'], ...rows];
  return all.map((row) => `| ${row.join(' | ')} |`).join('\n');
}
