import type { Gatehouse } from '../../gatehouse.js';
import type { Handlers } from '../handler.js';

export function tokenHandlers({ tokens }: Gatehouse): Pick<Handlers, 'jwks' | 'tradeKey' | 'rotateSigningKey'> {
  return {
    jwks: () => tokens.jwks(),
    tradeKey: ({ caller, body }) => tokens.trade(caller, body),
    rotateSigningKey: ({ caller }) => tokens.rotateSigningKey(caller),
  };
}
