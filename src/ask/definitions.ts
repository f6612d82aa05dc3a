/** Longer lines define nothing a reader would look for, and a bound on them bounds the expressions below. */
const MAX_LINE_CHARACTERS = 300;

/**
 * The name that a line of code defines: function, method, class, type and their like in the common languages.
 * Guessed from the line alone; a wrong guess only shifts a weight.
 * @param depth - columns of indentation: a variable counts as a definition only at the outermost level
 */
export function definedName(line: string, depth: number): string | null {
  if (line.length > MAX_LINE_CHARACTERS) return null;
  const named = DEFINITION.exec(line);
  if (named !== null) return named[1] ?? null;
  if (depth === 0) {
    const variable = VARIABLE.exec(line);
    if (variable !== null) return variable[1] ?? null;
  }
  const assigned = ASSIGNED.exec(line);
  if (assigned !== null) return assigned[1] ?? null;
  const method = METHOD.exec(line);
  return method !== null && !NOT_METHODS.has(method[1] as string) ? (method[1] as string) : null;
}

/** 1 to 6 for a Markdown heading, 0 for any other line. */
export function headingLevel(line: string): number {
  return /^(#{1,6})\s+\S/.exec(line)?.[1]?.length ?? 0;
}

const MODIFIERS =
  '(?:(?:export|default|public|private|protected|internal|static|async|abstract|final|sealed|declare|unsafe|override|' +
  'inline|open|data|partial|virtual|pub(?:\\([a-z]+\\))?)\\s+)*';

const DEFINITION = new RegExp(
  `^\\s*${MODIFIERS}(?:function\\s*\\*?|class|interface|type|enum|def|fn|fun|func(?:\\s*\\([^)]*\\))?|struct|trait|impl|` +
    'module|namespace|mod|object|record|protocol|extension|macro|union|defmodule|defp?)\\s+([A-Za-z_$][\\w$.]*)',
);

const VARIABLE = /^(?:export\s+|pub\s+|static\s+)*(?:const|let|var|val|final)\s+(?:mut\s+)?([A-Za-z_$][\w$]*)/;

/** `exports.name = `, `Type.prototype.name = `, `name: function`, `const name = (…) =>` inside a function. */
const ASSIGNED =
  /^\s*(?:(?:module\.)?exports\.|[A-Za-z_$][\w$]*\.prototype\.|(?:const|let|var)\s+)?([A-Za-z_$][\w$]*)\s*[:=]\s*(?:async\s+)?(?:function\b|\([^()]{0,120}\)\s*(?::[^=]{0,60})?=>)/;

const METHOD =
  /^\s+(?:(?:public|private|protected|static|async|override|readonly|get|set|final|virtual)\s+)*[*#]?([A-Za-z_$][\w$]*)\s*(?:<[^<>()]{0,80}>)?\([^;{}]*\)\s*(?::[^{;]{1,100})?(?:throws\s+[\w., ]+)?\{\s*$/;

const NOT_METHODS = new Set([
  'if',
  'for',
  'while',
  'switch',
  'catch',
  'with',
  'return',
  'function',
  'else',
  'do',
  'try',
]);
