import { ZodError } from 'zod';

/** What a schema found wrong, in one line that names the fields and repeats no value. */
export function describeFaults(error: unknown): string {
  if (!(error instanceof ZodError)) return error instanceof Error ? error.message : 'unreadable';
  return error.issues
    .slice(0, 3)
    .map(({ path, message }) => {
      const field = path
        .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
        .join('')
        .replace(/^\./, '');
      return field === '' ? message : `${field}: ${message}`;
    })
    .join('; ');
}
