/** Label names and values of one sample. */
export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/** One distribution: counts a class (not summed up), their upper ends are the family's. */
export interface Distribution {
  readonly labels: Labels;
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Writes the text format 0.0.4 of Prometheus: families one after the other, each with its help and type. */
export class Exposition {
  #text = '';

  static readonly CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

  /** @param name - of a counter it ends in `_total` */
  family(type: 'counter' | 'gauge', name: string, help: string, samples: readonly Sample[]): void {
    this.#head(type, name, help);
    for (const { labels = {}, value } of samples) this.#line(name, labels, value);
  }

  /** @param bounds - upper ends of all classes but the last, ascending, in the unit that the name says */
  histogram(name: string, help: string, bounds: readonly number[], series: readonly Distribution[]): void {
    this.#head('histogram', name, help);
    for (const { labels, counts, sum } of series) {
      let total = 0;
      for (const [index, bound] of bounds.entries()) {
        total += counts[index] ?? 0;
        this.#line(`${name}_bucket`, { ...labels, le: String(bound) }, total);
      }
      total += counts[bounds.length] ?? 0;
      this.#line(`${name}_bucket`, { ...labels, le: '+Inf' }, total);
      this.#line(`${name}_sum`, labels, sum);
      this.#line(`${name}_count`, labels, total);
    }
  }

  toString(): string {
    return this.#text;
  }

  #head(type: string, name: string, help: string): void {
    this.#text += `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n`;
  }

  #line(name: string, labels: Labels, value: number): void {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text).replaceAll('"', '\\"')}"`);
    this.#text += `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`;
  }
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
