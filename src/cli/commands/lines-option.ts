import { Option } from 'commander';
import { CommandError, EXIT } from '../exit-codes.js';

/** The most that one page of a list holds. */
export const MAX_LINES = 200;

/** `-n, --lines <count>` of commands that show the end of something long. */
export function linesOption(): Option {
  return new Option('-n, --lines <count>', `how many, at most ${MAX_LINES}`).default(20).argParser((text: string) => {
    const lines = /^\d{1,3}$/.test(text) ? Number(text) : 0;
    if (lines < 1 || lines > MAX_LINES)
      throw new CommandError(EXIT.usage, `--lines ${JSON.stringify(text)}: a whole number from 1 to ${MAX_LINES}.`);
    return lines;
  });
}
