/** The client of Gatehouse, for browsers and servers: `import { createClient } from 'gatehouse-server/client'`. */
export type { ErrorCode, VerifyCode } from '../contract/codes.js';
export type { Query } from './address.js';
export type { Auth } from './auth.js';
export {
  type AppClient,
  type AppOptions,
  type Client,
  createClient,
  type EndpointCall,
  type RequestOptions,
  type ServerClient,
} from './client.js';
export { type ClientErrorCode, GatehouseError } from './errors.js';
export type * from './key-types.js';
export type { Keys } from './keys.js';
export type * from './proof-types.js';
export type { AuthChange } from './session.js';
export type { RefreshStorage } from './storage.js';
export type { TokenStore } from './token-store.js';
export type { CallOptions, TransportOptions } from './transport.js';
export type * from './types.js';
