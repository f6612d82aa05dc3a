const KEY_BYTES = 32;

/**
 * Reads a key that a person gave: 32 bytes as 64 hex characters, base64 or base64url, padding optional.
 * Blanks around it are ignored, since files end in a line break.
 * @throws Error with the remedy; the message never holds any part of the value
 */
export function parseMasterKey(text: string): Buffer {
  const value = text.trim();
  if (/^[0-9a-fA-F]{64}$/.test(value)) return Buffer.from(value, 'hex');
  const plain = value.replaceAll('-', '+').replaceAll('_', '/').replace(/=$/, '');
  const bytes = Buffer.from(plain, 'base64');
  // Re-encoding catches what Node's decoder skips: foreign characters, surplus bits, a second padding.
  if (bytes.length === KEY_BYTES && bytes.toString('base64') === `${plain}=`) return bytes;
  throw new Error('must be 32 bytes as base64, base64url or 64 hex characters. Make one with: openssl rand -base64 32');
}
