import helmet from 'helmet';

/**
 * Helmet with a policy of our own: its default one breaks plain HTTP (`upgrade-insecure-requests`) and allows inline
 * styles. Nothing served here is a page, so nothing may load, frame or submit anything.
 */
export function securityHeaders() {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] },
    },
    // Strict-Transport-Security belongs to whoever ends TLS; sent over plain HTTP it means nothing.
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
  });
}
