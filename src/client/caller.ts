import { untilAborted } from './patience.js';
import { isEnded, type Session } from './session.js';
import type { CallOptions, Fields, Transport } from './transport.js';

/** What one call may say beside its method and path. */
export interface CallRequest extends CallOptions {
  query?: object | undefined;
  /** Sent as JSON. */
  body?: unknown;
  /** Answers of any type are fine, not JSON alone. */
  anyAnswer?: boolean;
  events?: boolean;
}

/** Makes one call as whoever the client speaks for. */
export type Caller = <T>(method: string, path: string, request?: CallRequest) => Promise<T>;

export function callAsKey(transport: Transport, key: string): Caller {
  return <T>(method: string, path: string, request: CallRequest = {}) =>
    transport.send({ ...request, method, path }, { 'x-api-key': key }) as Promise<T>;
}

/**
 * From a page that the instance itself serves: its session cookie says who calls, and no script ever holds a credential.
 * @param fields - headers of this call alone
 */
export function callAsPage(transport: Transport) {
  return <T>(method: string, path: string, request: CallRequest = {}, fields: Fields = {}) =>
    transport.send({ ...request, method, path }, fields) as Promise<T>;
}

/** As the user who is signed in, else as nobody. A token that the server no longer takes is renewed once. */
export function callAsUser(transport: Transport, session: Session): Caller {
  return async <T>(method: string, path: string, request: CallRequest = {}) => {
    const call = { ...request, method, path };
    const token = await untilAborted(session.token(), request.signal);
    try {
      return (await transport.send(call, bearer(token))) as T;
    } catch (error) {
      if (token === null || !isEnded(error)) throw error;
      const renewed = await untilAborted(session.renew(token), request.signal);
      if (renewed === null) throw error;
      return (await transport.send(call, bearer(renewed))) as T;
    }
  };
}

function bearer(token: string | null): Fields {
  return token === null ? {} : { authorization: `Bearer ${token}` };
}
