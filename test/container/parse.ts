/** One instruction of a Dockerfile, continuation lines joined. */
export interface Instruction {
  /** Upper case, such as `COPY`. */
  readonly word: string;
  /** Everything behind it, as written. */
  readonly rest: string;
  /** Which `FROM` it belongs to, from 0. */
  readonly stage: number;
}

/** As much of a Dockerfile as ours uses: no heredocs, no escape directive. */
export function parseDockerfile(text: string): Instruction[] {
  const joined = text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\\n/g, ' ');
  let stage = -1;
  return joined
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
      if (word.toUpperCase() === 'FROM') stage++;
      return { word: word.toUpperCase(), rest: rest.trim(), stage };
    });
}

/** What `COPY` takes out of the build context; those with `--from` take it out of another stage. */
export function copiedFromContext(instructions: readonly Instruction[]): string[] {
  return instructions
    .filter(({ word, rest }) => (word === 'COPY' || word === 'ADD') && !/(^|\s)--from=/.test(rest))
    .flatMap(({ rest }) =>
      rest
        .split(/\s+/)
        .filter((part) => !part.startsWith('--'))
        .slice(0, -1),
    );
}
