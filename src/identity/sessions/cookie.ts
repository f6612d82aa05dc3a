/** How the session cookie of this instance looks. */
export interface SessionCookie {
  readonly name: string;
  readonly path: string;
  /** Only when people come over https: over plain http a browser throws a `Secure` cookie away and nobody gets in. */
  readonly secure: boolean;
}

const NAME = 'gatehouse_session';

/**
 * Over https the name itself binds the cookie: browsers take `__Host-` and `__Secure-` from nobody but the host itself
 * over TLS (RFC 6265bis §4.1.3), so that neither a neighbour domain nor a man in the middle can plant one.
 */
export function sessionCookie(publicUrl: string | null, basePath: string): SessionCookie {
  const secure = publicUrl?.startsWith('https://') === true;
  const path = basePath === '' ? '/' : basePath;
  const prefix = !secure ? '' : path === '/' ? '__Host-' : '__Secure-';
  return { name: `${prefix}${NAME}`, path, secure };
}
