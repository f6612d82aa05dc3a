/**
 * An origin exactly as browsers send it (RFC 6454 §6.2): scheme, host in lower case, port where it is not the usual one.
 * @throws Error whose message completes "… is" or "… must", with the spelling that is meant where that can be told
 */
export function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new Error('is not an origin such as https://app.example.com');
  if (url.hostname.includes('*')) throw new Error('is not an origin: name each one, patterns are not read');
  if (url.origin !== text) throw new Error(`is not an origin: write ${url.origin}`);
  return text;
}
