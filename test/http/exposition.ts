export interface Family {
  readonly type: string;
  /** Every label that one of its samples has. */
  readonly labels: ReadonlySet<string>;
  value(labels: Readonly<Record<string, string>>, suffix?: string): number | undefined;
}

export type Series = ReadonlyMap<string, Family>;

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

/**
 * Reads the text format 0.0.4 strictly.
 * @throws Error for whatever Prometheus would stumble over: a sample before its type, a family in two places, a name
 *   twice with the same labels, a counter that is no `_total`, buckets that do not add up
 */
export function readExposition(text: string): Series {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, { type: string; labels: Set<string>; samples: Map<string, number> }>();
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const head = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line);
    if (head !== null) {
      const [, word, name = '', rest = ''] = head;
      if (word === 'HELP') {
        if (families.has(name)) throw new Error(`${name} is there twice`);
        families.set(name, { type: '', labels: new Set(), samples: new Map() });
        current = name;
      } else {
        const family = families.get(name);
        if (name !== current || family === undefined || family.type !== '')
          throw new Error(`TYPE of ${name} is misplaced`);
        if (!(rest in SUFFIXES)) throw new Error(`${rest} is no type`);
        if (rest === 'counter' && !name.endsWith('_total')) throw new Error(`the counter ${name} is no _total`);
        family.type = rest;
      }
      continue;
    }
    const [, name = '', labelText = '', value = ''] = SAMPLE.exec(line) ?? [];
    const family = families.get(current);
    const suffix = name.slice(current.length);
    if (family === undefined || !name.startsWith(current) || !(SUFFIXES[family.type] ?? []).includes(suffix))
      throw new Error(`not a sample of ${current}: ${line}`);
    const labels = readLabels(labelText);
    for (const label of Object.keys(labels)) family.labels.add(label);
    const id = idOf(labels, suffix);
    if (family.samples.has(id)) throw new Error(`twice: ${line}`);
    if (!Number.isFinite(Number(value)) || value === '') throw new Error(`not a number: ${line}`);
    family.samples.set(id, Number(value));
  }
  for (const [name, { type, samples }] of families) if (type === 'histogram') checkBuckets(name, samples);
  return new Map(
    [...families].map(([name, { type, labels, samples }]) => [
      name,
      { type, labels, value: (wanted, suffix = '') => samples.get(idOf(wanted, suffix)) },
    ]),
  );
}

const idOf = (labels: Readonly<Record<string, string>>, suffix: string) =>
  JSON.stringify([suffix, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== '') {
    const [whole, name = '', value = ''] = LABEL.exec(rest) ?? [];
    if (whole === undefined || name in labels) throw new Error(`not labels: ${text}`);
    labels[name] = value.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
    rest = rest.slice(whole.length);
  }
  return labels;
}

/** The classes of a histogram are sums: they never fall, and the last one is the count. */
function checkBuckets(name: string, samples: ReadonlyMap<string, number>): void {
  const last = new Map<string, { le: number; count: number }>();
  for (const [id, count] of samples) {
    const [suffix, pairs] = JSON.parse(id) as [string, [string, string][]];
    if (suffix !== '_bucket') continue;
    const others = idOf(Object.fromEntries(pairs.filter(([label]) => label !== 'le')), '_count');
    const text = pairs.find(([label]) => label === 'le')?.[1];
    const le = text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
    const before = last.get(others);
    if (before !== undefined && (le <= before.le || count < before.count)) throw new Error(`buckets of ${name} fall`);
    last.set(others, { le, count });
  }
  for (const [id, { le, count }] of last)
    if (le !== Number.POSITIVE_INFINITY || samples.get(id) !== count)
      throw new Error(`buckets of ${name} do not add up`);
}
