/** A file that goes into an archive. Its bytes stay where they are until they are sent. */
export interface Packed {
  readonly path: string;
  readonly data: Blob;
  readonly modifiedMs: number;
}

const BLOCK = 512;
const utf8 = new TextEncoder();

/** A tar archive (POSIX.1-2001, pax): one request carries a whole folder, and it is written whole or not at all. */
export function tarOf(files: readonly Packed[]): Blob {
  const parts: BlobPart[] = [];
  for (const { path, data, modifiedMs } of files) {
    const seconds = Math.floor(modifiedMs / 1000);
    if (utf8.encode(path).length > 100) {
      const record = paxRecord('path', path);
      parts.push(header('path', record.length, seconds, 'x'), record, padding(record.length));
    }
    parts.push(header(path, data.size, seconds, '0'), data, padding(data.size));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  return new Blob(parts, { type: 'application/x-tar' });
}

function header(path: string, bytes: number, seconds: number, type: 'x' | '0'): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(BLOCK);
  const put = (text: string, at: number, length: number) => block.set(utf8.encode(text).subarray(0, length), at);
  const octal = (value: number, at: number, length: number) =>
    put(`${value.toString(8).padStart(length - 1, '0')}\0`, at, length);
  put(path, 0, 100);
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(bytes, 124, 12);
  octal(Math.max(0, seconds), 136, 12);
  put('        ', 148, 8);
  put(type, 156, 1);
  put('ustar\x0000', 257, 8);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8);
  return block;
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Uint8Array<ArrayBuffer> {
  const rest = utf8.encode(` ${key}=${value}\n`).length;
  let length = rest + String(rest).length;
  if (String(length).length !== String(rest).length) length = rest + String(length).length;
  return utf8.encode(`${length} ${key}=${value}\n`);
}

const padding = (bytes: number) => new Uint8Array((BLOCK - (bytes % BLOCK)) % BLOCK);
