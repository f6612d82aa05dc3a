const files = import.meta.glob<{ default: Readonly<Record<string, string>> }>(['./*.ts', '!./index.ts'], {
  eager: true,
});

/** German, whole: every file of `words/en` has its like here. */
export const de = Object.fromEntries(Object.entries(files).map(([path, file]) => [path.slice(2, -3), file.default]));
