import { GatehouseError } from '../../kernel/errors.js';
import type { ProviderCredential } from './sources.js';

/** The wire formats that are spoken. */
export type Protocol = 'openai' | 'openai-compatible' | 'anthropic' | 'gemini';

/** Who is asked for an answer, and what fits into the question. */
export interface Provider {
  readonly protocol: Protocol;
  readonly credential: ProviderCredential;
  /** Where its routes begin, without a slash at the end. */
  readonly baseUrl: string;
  /** As the audit and refusals name it: with a port unless it is the usual one. */
  readonly host: string;
  /** What it is asked for when nobody names a model; `null`: it is asked which ones it has. */
  readonly defaultModel: string | null;
  /** Tokens that instructions, passages, conversation and answer may have together. */
  readonly contextTokens: number;
  /** Tokens that the answer may have; for some models what they think counts too. */
  readonly outputTokens: number;
}

/** Vendors' small and quick models: an answer over a few passages needs no more. */
const VENDORS = {
  openai: { protocol: 'openai', path: '', model: 'gpt-6-luna', contextTokens: 128_000, outputTokens: 16_000 },
  anthropic: {
    protocol: 'anthropic',
    path: '/v1',
    model: 'claude-haiku-5-5',
    contextTokens: 128_000,
    outputTokens: 16_000,
  },
  gemini: {
    protocol: 'gemini',
    path: '/v1beta',
    model: 'gemini-3.8-flash',
    contextTokens: 128_000,
    outputTokens: 16_000,
  },
} as const;

/** Servers of one's own say seldom what fits, and some cut what does not without a word: little fits everywhere. */
const OWN = { contextTokens: 8192, outputTokens: 2048 } as const;

const OPENAI_HOST = 'api.openai.com';

/** @throws GatehouseError `BAD_REQUEST` for a credential that is not for models */
export function providerOf(credential: ProviderCredential): Provider {
  const { type, name, baseUrl } = credential;
  if (!Object.hasOwn(VENDORS, type) || baseUrl === null)
    throw new GatehouseError(
      'BAD_REQUEST',
      `credentialId: ${name} is of the type ${type}, which answers no questions. Those that do are ${Object.keys(VENDORS).join(', ')}.`,
    );
  const vendor = VENDORS[type as keyof typeof VENDORS];
  const { host } = new URL(baseUrl);
  const isOwn = vendor.protocol === 'openai' && host !== OPENAI_HOST;
  const { contextTokens, outputTokens } = isOwn ? OWN : vendor;
  return {
    protocol: isOwn ? 'openai-compatible' : vendor.protocol,
    credential,
    baseUrl: `${baseUrl}${vendor.path}`,
    host,
    defaultModel: isOwn ? null : vendor.model,
    contextTokens,
    outputTokens,
  };
}
