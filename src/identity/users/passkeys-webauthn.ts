import type { NewCredential, ShownCredential } from '../../contract/passkeys.js';
import type { UsableSite } from './passkeys-site.js';
import type { PasskeyRecord } from './record.js';

/**
 * COSE names of ES256 and RS256: between them every authenticator there is. Ed25519 is left out: Node 20 calls it
 * experimental, and warns on standard error at each start of it.
 */
export const ALGORITHMS = [-7, -257] as const;

/** What a checked signature tells. */
export interface Signed {
  readonly counter: number;
  readonly backedUp: boolean;
}

/** The packages that know the formats, loaded when the first passkey is shown. */
const load = async () => ({
  ...(await import('@simplewebauthn/server')),
  ...(await import('@simplewebauthn/server/helpers')),
});

/** The challenge that a credential was signed over, as the browser wrote it down; `null`: none can be read. */
export function challengeIn(clientDataJSON: string): string | null {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8'));
    const { challenge, crossOrigin } = data as Record<string, unknown>;
    // Somebody else's page had ours in a frame, where nobody sees who asks.
    return typeof challenge === 'string' && crossOrigin !== true ? challenge : null;
  } catch {
    return null;
  }
}

/** @returns what to keep of a new key pair; `null`: something about it is not as it should be */
export async function checkNew(
  credential: NewCredential,
  challenge: string,
  { origin, rpId }: UsableSite,
): Promise<(Signed & Pick<PasskeyRecord, 'credentialId' | 'publicKey'>) | null> {
  const library = await load();
  return unlessThrown(async () => {
    const { clientDataJSON, attestationObject } = credential.response;
    const { verified, registrationInfo } = await library.verifyRegistrationResponse({
      response: {
        ...credential,
        clientExtensionResults: {},
        response: { clientDataJSON, attestationObject: withoutStatement(library, attestationObject) },
      },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...ALGORITHMS],
    });
    if (!verified || registrationInfo === undefined) return null;
    const { id, publicKey, counter } = registrationInfo.credential;
    if (id !== credential.id) return null;
    return {
      credentialId: id,
      publicKey: Buffer.from(publicKey).toString('base64url'),
      counter,
      backedUp: registrationInfo.credentialBackedUp,
    };
  });
}

/** @returns `null`: it is not this passkey's signature, or of another site, or nobody proved to the device who they are */
export async function checkShown(
  credential: ShownCredential,
  challenge: string,
  { origin, rpId }: UsableSite,
  { credentialId, publicKey }: PasskeyRecord,
): Promise<Signed | null> {
  const library = await load();
  return unlessThrown(async () => {
    const { clientDataJSON, authenticatorData, signature } = credential.response;
    const { verified, authenticationInfo } = await library.verifyAuthenticationResponse({
      response: {
        ...credential,
        clientExtensionResults: {},
        response: { clientDataJSON, authenticatorData, signature },
      },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      // The counter is ours to compare: the library looks at it before the signature, so that anybody could make a
      // passkey look copied.
      credential: { id: credentialId, publicKey: Uint8Array.from(Buffer.from(publicKey, 'base64url')), counter: 0 },
      requireUserVerification: true,
    });
    if (!verified) return null;
    return { counter: authenticationInfo.newCounter, backedUp: authenticationInfo.credentialBackedUp };
  });
}

/**
 * The same attestation without what the maker of the device says about it. Nobody here reads it, and to check it the
 * library would fetch lists of revoked certificates from addresses that stand in what was sent.
 */
function withoutStatement(library: Awaited<ReturnType<typeof load>>, attestationObject: string): string {
  const authData = library.decodeAttestationObject(library.isoBase64URL.toBuffer(attestationObject)).get('authData');
  const bare = new Map<string, unknown>([
    ['fmt', 'none'],
    ['attStmt', new Map()],
    ['authData', authData],
  ]);
  type Encodable = Parameters<typeof library.isoCBOR.encode>[0];
  return library.isoBase64URL.fromBuffer(library.isoCBOR.encode(bare as Encodable));
}

/** Formats that outsiders fill in: whatever a reader of them throws says that they are wrong. */
async function unlessThrown<T>(check: () => Promise<T | null>): Promise<T | null> {
  try {
    return await check();
  } catch {
    return null;
  }
}
