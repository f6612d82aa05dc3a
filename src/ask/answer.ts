import type { FoundPassage } from '../contract/ask.js';

/** Bytes; the passages are bounded one by one, this holds for all of them together. */
const MAX_ANSWER_BYTES = 60 * 1024;

/** What was quoted from files and how it is told: Markdown that also reads well on a terminal. */
export function renderAnswer(citations: readonly FoundPassage[]): string {
  if (citations.length === 0) {
    return (
      'Answered from the files of this workspace, without a model: nothing relevant was found.\n\n' +
      'Try words that the files themselves use: the name of a function, a file, a setting or an error message.'
    );
  }
  const passages = citations.length === 1 ? 'This passage fits' : `These ${citations.length} passages fit`;
  let answer = `Answered from the files of this workspace, without a model. ${passages} the question best:`;
  for (const [at, citation] of citations.entries()) {
    const quoted = `\n\n${at + 1}. ${placeOf(citation)}\n\n${fenced(citation)}`;
    if (Buffer.byteLength(answer) + Buffer.byteLength(quoted) > MAX_ANSWER_BYTES) break;
    answer += quoted;
  }
  return answer;
}

/** `path:start-end`, as editors and terminals open it. */
function placeOf({ path, startLine, endLine }: FoundPassage): string {
  return `${path}:${startLine}-${endLine}`;
}

/** A fence longer than any in the text, so that no file can end its own quotation and speak in our voice. */
function fenced({ path, text }: FoundPassage): string {
  const longest = Math.max(2, ...(text.match(/`{3,}/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const language = /\.([a-z0-9]{1,10})$/i.exec(path)?.[1] ?? '';
  return `${fence}${language}\n${text}\n${fence}`;
}
