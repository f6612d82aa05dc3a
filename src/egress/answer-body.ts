import { PassThrough, pipeline, type Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { badAnswer, translate } from './refusals.js';

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * The body of an answer, decompressed and bounded on both sides of the decompressor. A body that fails ends with a
 * GatehouseError. `null`: an encoding that is not known here, or several of them.
 */
export function boundedBody(host: string, raw: Readable, encoding: string, maxBytes: number): Readable | null {
  const coding = encoding.trim().toLowerCase();
  const isPlain = coding === '' || coding === 'identity';
  const decode = isPlain ? undefined : DECODERS[coding];
  if (!isPlain && decode === undefined) return null;
  const out = new PassThrough({
    // `pipeline` destroys its last stream with whatever went wrong before it.
    destroy: (error, done) => done(error === null ? null : bodyFault(host, error)),
  });
  const steps = decode === undefined ? [] : [decode(), bounded(host, maxBytes)];
  pipeline([raw, bounded(host, maxBytes), ...steps, out], () => {});
  return out;
}

function bodyFault(host: string, error: NodeJS.ErrnoException): Error {
  const isDecoder = /^(Z_|ERR_BROTLI|ERR__ERROR)/.test(error.code ?? '');
  return isDecoder ? badAnswer(host, 'sent a body that cannot be decompressed') : translate(host, error);
}

function bounded(host: string, maxBytes: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > maxBytes) done(badAnswer(host, `answered with more than ${maxBytes} bytes`));
      else done(null, chunk);
    },
  });
}
