import { type FileHandle, open } from 'node:fs/promises';

/** One line of a file, without its line break. */
export interface RawLine {
  readonly bytes: Buffer;
  /** Where the line begins. */
  readonly offset: number;
  /** false: the file ends without a line break, so the line may be torn. */
  readonly whole: boolean;
}

/**
 * Reads the first `limit` bytes of a file line by line, 64 KB at a time.
 * A line over 1 MB (ours are below 16 KB) comes as one empty line, so that a foreign file cannot fill memory.
 */
export async function* linesForward(path: string, limit: number): AsyncGenerator<RawLine> {
  const handle = await open(path, 'r');
  try {
    let rest: Buffer = Buffer.alloc(0);
    let position = 0;
    let lineStart = 0;
    let tooLong = false;
    while (position < limit) {
      const chunk = await readAt(handle, position, Math.min(CHUNK_BYTES, limit - position));
      if (chunk.length === 0) break;
      position += chunk.length;
      const block = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let from = 0;
      for (let end = block.indexOf(NEWLINE); end >= 0; end = block.indexOf(NEWLINE, from)) {
        const bytes = tooLong ? Buffer.alloc(0) : block.subarray(from, end);
        yield { bytes, offset: lineStart, whole: true };
        tooLong = false;
        lineStart = position - block.length + end + 1;
        from = end + 1;
      }
      rest = block.subarray(from);
      if (rest.length > MAX_LINE_BYTES) {
        tooLong = true;
        rest = Buffer.alloc(0);
      }
    }
    if (rest.length > 0 || tooLong) yield { bytes: rest, offset: lineStart, whole: false };
  } finally {
    await handle.close();
  }
}

/** Reads the first `limit` bytes of a file line by line, from the last line to the first, 64 KB at a time. */
export async function* linesBackward(path: string, limit: number): AsyncGenerator<RawLine> {
  const handle = await open(path, 'r');
  try {
    let rest: Buffer = Buffer.alloc(0);
    let position = limit;
    // What stands before the first line break met is the last line: whole only when that break ends the file.
    let whole = false;
    let first = true;
    while (position > 0) {
      const size = Math.min(CHUNK_BYTES, position);
      const chunk = await readAt(handle, position - size, size);
      if (chunk.length < size) return;
      position -= size;
      let block = rest.length === 0 ? chunk : Buffer.concat([chunk, rest]);
      for (let at = block.lastIndexOf(NEWLINE); at >= 0; at = block.lastIndexOf(NEWLINE)) {
        const bytes = block.subarray(at + 1);
        if (!first || bytes.length > 0) yield { bytes, offset: position + at + 1, whole };
        first = false;
        whole = true;
        block = block.subarray(0, at);
      }
      rest = block.length > MAX_LINE_BYTES ? Buffer.alloc(0) : block;
    }
    if (limit > 0 && (rest.length > 0 || !first)) yield { bytes: rest, offset: 0, whole };
  } finally {
    await handle.close();
  }
}

const NEWLINE = 0x0a;
const CHUNK_BYTES = 64 * 1024;
const MAX_LINE_BYTES = 1024 * 1024;

async function readAt(handle: FileHandle, position: number, size: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await handle.read(buffer, filled, size - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
