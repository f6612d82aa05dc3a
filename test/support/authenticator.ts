import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import type { CreationOptions, RequestOptions } from '../../src/contract/passkeys.js';

/** What a browser would put into what is signed, or an attacker in its place. */
export interface Signing {
  /** The page's. */
  readonly origin: string;
  /** Left out: the one that the options name. */
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  /** Whether the person touched it, and showed who they are. */
  readonly present?: boolean;
  readonly verified?: boolean;
  /** Left out: one more than before, or 0 for those that do not count. */
  readonly counter?: number;
  readonly userHandle?: string | null;
  readonly crossOrigin?: boolean;
}

/** The statement that comes with a new key pair. */
export interface Attestation {
  readonly fmt: string;
  readonly attStmt: ReadonlyMap<string, unknown>;
}

const NONE: Attestation = { fmt: 'none', attStmt: new Map() };
const base64url = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64url');
const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest();

/** A passkey in software, by the formats of WebAuthn Level 3 §6: ES256, one key pair. */
export class SoftPasskey {
  readonly id = base64url(randomBytes(32));
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #counts: boolean;
  counter = 0;
  userHandle: string | null = null;

  /** @param counts - whether it counts its signatures, as hardware keys do */
  constructor({ counts = false }: { counts?: boolean } = {}) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#privateKey = privateKey;
    this.#publicKey = publicKey;
    this.#counts = counts;
  }

  /** What `navigator.credentials.create()` gives for the options, as `toJSON()` writes it. */
  create(
    options: Pick<CreationOptions, 'rp' | 'user' | 'challenge'>,
    signing: Signing,
    { fmt, attStmt }: Attestation = NONE,
  ) {
    this.userHandle = options.user.id;
    const clientDataJSON = clientData('webauthn.create', options.challenge, signing);
    const { x = '', y = '' } = this.#publicKey.export({ format: 'jwk' });
    // kty EC2, alg ES256, crv P-256 (RFC 9053 §7.1).
    const cose = new Map<number, unknown>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]);
    const id = Buffer.from(this.id, 'base64url');
    const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([id.length >> 8, id.length & 255]), id, cbor(cose)]);
    const authData = Buffer.concat([this.#authenticatorData(options.rp.id, signing, 0x40), attested]);
    const attestationObject = cbor(
      new Map<string, unknown>([
        ['fmt', fmt],
        ['attStmt', attStmt],
        ['authData', authData],
      ]),
    );
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: {},
      response: {
        clientDataJSON: base64url(clientDataJSON),
        attestationObject: base64url(attestationObject),
        transports: ['internal', 'hybrid'],
        publicKeyAlgorithm: -7,
        authenticatorData: base64url(authData),
      },
    };
  }

  /** What `navigator.credentials.get()` gives. */
  get(options: RequestOptions, signing: Signing) {
    if (this.#counts) this.counter += 1;
    const clientDataJSON = clientData('webauthn.get', options.challenge, signing);
    const authData = this.#authenticatorData(options.rpId, signing, 0);
    const signer = createSign('sha256').update(authData).update(sha256(clientDataJSON));
    const userHandle = signing.userHandle === undefined ? this.userHandle : signing.userHandle;
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: {},
      response: {
        clientDataJSON: base64url(clientDataJSON),
        authenticatorData: base64url(authData),
        signature: base64url(signer.sign(this.#privateKey)),
        userHandle,
      },
    };
  }

  #authenticatorData(rpId: string, signing: Signing, moreFlags: number): Buffer {
    const { present = true, verified = true, counter = this.counter } = signing;
    const head = Buffer.alloc(37);
    sha256(signing.rpId ?? rpId).copy(head);
    head[32] = (present ? 1 : 0) | (verified ? 4 : 0) | moreFlags;
    head.writeUInt32BE(counter, 33);
    return head;
  }
}

function clientData(type: string, challenge: string, signing: Signing): string {
  const { origin, crossOrigin = false } = signing;
  return JSON.stringify({
    type: signing.type ?? type,
    challenge: signing.challenge ?? challenge,
    origin,
    crossOrigin,
  });
}

/** The few kinds of CBOR (RFC 8949) that are needed. */
export function cbor(value: unknown): Buffer {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  if (value instanceof Map)
    return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, one]) => [cbor(key), cbor(one)])]);
  throw new TypeError(`no CBOR for ${typeof value}`);
}

function head(major: number, argument: number): Buffer {
  if (argument < 24) return Buffer.from([(major << 5) | argument]);
  if (argument < 256) return Buffer.from([(major << 5) | 24, argument]);
  const bytes = Buffer.from([(major << 5) | 25, 0, 0]);
  bytes.writeUInt16BE(argument, 1);
  return bytes;
}
