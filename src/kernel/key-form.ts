/** The form of a whole key of any Gatehouse, see docs/keys.md. */
const KEY = '[a-z][a-z0-9]{1,15}_[a-z]+_(?:test|live)_[0-9A-Za-z]{49}';
const WHOLE = new RegExp(`^${KEY}$`);
const ANYWHERE = new RegExp(`\\b${KEY}\\b`, 'g');

/** Whether a text is a whole key, and so must not be kept or repeated. */
export function hasKeyForm(text: string): boolean {
  return WHOLE.test(text);
}

/** The text with whatever has the form of a key cut to what may be shown: people paste keys where they ask for help. */
export function maskKeys(text: string): string {
  return text.replace(ANYWHERE, (key) => `${key.slice(0, key.lastIndexOf('_') + 5)}…`);
}
