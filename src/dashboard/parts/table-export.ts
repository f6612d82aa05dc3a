interface Exported<Row> {
  readonly key: string;
  readonly header: string;
  readonly value?: (row: Row) => string | number | null;
}

/** Hands the rows on the page to the browser as a file. */
export function exportRows<Row>(
  format: 'csv' | 'json',
  label: string,
  rows: readonly Row[],
  columns: readonly Exported<Row>[],
): void {
  const kept = columns.filter((column) => column.value !== undefined);
  const text =
    format === 'json'
      ? JSON.stringify(
          rows.map((row) => Object.fromEntries(kept.map(({ key, value }) => [key, value?.(row) ?? null]))),
          null,
          2,
        )
      : [kept.map(({ header }) => header), ...rows.map((row) => kept.map(({ value }) => value?.(row) ?? ''))]
          .map((line) => line.map(csvCell).join(','))
          .join('\r\n');
  download(
    `${label.toLowerCase().replace(/\W+/g, '-')}.${format}`,
    text,
    format === 'json' ? 'application/json' : 'text/csv',
  );
}

/** A cell that begins like a formula would be run as one by a spreadsheet; names come from people. */
function csvCell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function download(name: string, text: string, type = 'text/plain'): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
