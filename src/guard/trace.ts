/** The steps of a decision, in their order, see docs/gate.md; before them, which route is asked for. */
export type Step =
  | 'route'
  | 'address'
  | 'allowlist'
  | 'credential'
  | 'authenticate'
  | 'bounds'
  | 'mode'
  | 'rate'
  | 'scopes';

export interface TraceLine {
  readonly step: Step;
  readonly outcome: 'pass' | 'skip' | 'fail';
  /** What was seen and concluded, in words; never a secret. */
  readonly words: string;
}

/** Collects a line for each step. The hot path decides without one and allocates nothing for it. */
export class Trace {
  readonly lines: TraceLine[] = [];

  add(step: Step, outcome: TraceLine['outcome'], words: string): void {
    this.lines.push({ step, outcome, words });
  }
}
