import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** The headers that an archive is sent with. */
export const TAR = { 'content-type': 'application/x-tar' };

export type TarEntry = Parameters<ReturnType<typeof pack>['entry']>[0] & { readonly content?: string | Buffer };

/** A tar archive of plain files by path. */
export function tarOf(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  return tarOfEntries(Object.entries(files).map(([name, content]) => ({ name, content })));
}

/** A tar archive of whatever entries, good and bad. */
export async function tarOfEntries(entries: Iterable<TarEntry>): Promise<Buffer> {
  const archive = pack();
  const chunks: Buffer[] = [];
  const read = (async () => {
    for await (const chunk of archive as unknown as AsyncIterable<Buffer>) chunks.push(chunk);
  })();
  for (const { content, ...header } of entries)
    if (content === undefined) archive.entry(header, '');
    else archive.entry({ ...header, size: Buffer.byteLength(content) }, content);
  archive.finalize();
  await read;
  return Buffer.concat(chunks);
}

export async function gzippedTarOf(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  return gzipSync(await tarOf(files));
}

/** The 512 bytes in front of a file's content, written by hand: for what no honest program would write. */
export function rawHeader(fields: {
  readonly name: string | Buffer;
  readonly size?: number;
  readonly type?: string;
  readonly link?: string;
}): Buffer {
  const block = Buffer.alloc(512);
  Buffer.from(fields.name).copy(block, 0, 0, 100);
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${(fields.size ?? 0).toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
  block.write(' '.repeat(8), 148);
  block.write(fields.type ?? '0', 156);
  block.write(fields.link ?? '', 157, 100);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** One entry with its content, padded to whole blocks. */
export function rawEntry(fields: Parameters<typeof rawHeader>[0], content: string | Buffer = ''): Buffer {
  const bytes = Buffer.from(content);
  const padding = Buffer.alloc((512 - (bytes.length % 512)) % 512);
  return Buffer.concat([rawHeader({ ...fields, size: fields.size ?? bytes.length }), bytes, padding]);
}

export const TAR_END = Buffer.alloc(1024);
