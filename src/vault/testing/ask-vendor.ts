import type { CredentialTest } from '../../contract/credentials.js';
import type { Egress } from '../../egress/egress.js';
import type { OpenForTest } from '../credential-source.js';
import { baseUrlOf, hostsOf } from '../credential-types/hosts.js';
import type { CredentialType } from '../credential-types/schema.js';
import { type FieldValues, hostOf } from '../credential-types/template.js';
import { egressCall } from '../egress-call.js';
import { testOverHttp } from './http-test.js';
import { testMail } from './mail-test.js';
import type { Found } from './outcome.js';

/** Of a vendor's answer: what error it names stands at the beginning. */
const REPLY_CHARACTERS = 2000;

/** Whether a type has somebody to ask. */
export function asksSomebody({ test, testProtocol }: CredentialType): boolean {
  return test !== null || testProtocol !== undefined;
}

/** The host that the test sends the credential to; `null`: none. Made of fields that are no secret. */
export function testedHost(
  type: CredentialType,
  { fields, optionalHosts }: { readonly fields: FieldValues; readonly optionalHosts: readonly string[] },
): string | null {
  if (type.testProtocol !== undefined) return hostsOf(type, fields, optionalHosts)[0] ?? null;
  if (type.test === null) return null;
  const url = baseUrlOf(type, fields);
  return url === null ? null : hostOf(url);
}

/** Asks the vendor of an open credential; `null`: its type has nobody to ask. */
export async function askVendor(opened: OpenForTest, egress: Egress, withinMs?: number): Promise<Found | null> {
  const { test, testProtocol } = opened.type;
  if (testProtocol !== undefined)
    return testMail(opened, egress, Math.min(testProtocol.timeoutMs, withinMs ?? testProtocol.timeoutMs));
  return test === null ? null : testOverHttp(opened, test, egressCall(egress, opened.workspaceId, withinMs));
}

/** A test as whoever asked for it is told. */
export function toldOf(
  { outcome, detail, status, reply }: Found,
  facts: { readonly at: string; readonly tookMs: number; readonly withReply: boolean },
): CredentialTest {
  const { at, tookMs, withReply } = facts;
  const shown = withReply && reply !== undefined ? reply.slice(0, REPLY_CHARACTERS) : null;
  return { at, outcome, detail, status: status ?? null, tookMs: Math.round(tookMs), reply: shown };
}
