import { GatehouseError } from '../../kernel/errors.js';
import { type ProviderFetchOptions, providerFetch } from './provider-fetch.js';

/**
 * The model that is asked when nobody names one: the vendor's that is set here, and of a server of one's own the first
 * that it lists, since most serve one.
 * @throws GatehouseError `BAD_REQUEST` when it lists none; `PROVIDER_…` and `UPSTREAM_…` as it answers
 */
export async function usualModel(call: Omit<ProviderFetchOptions, 'model'>): Promise<string> {
  const { provider } = call;
  if (provider.defaultModel !== null) return provider.defaultModel;
  const answer = await providerFetch({ ...call, model: 'of its list' })(`${provider.baseUrl}/models`);
  const first = firstId(await answer.text());
  if (first !== null) return first;
  throw new GatehouseError('BAD_REQUEST', `model: name one, since ${provider.host} lists none.`);
}

function firstId(text: string): string | null {
  try {
    const { data } = JSON.parse(text) as { data?: { id?: unknown }[] };
    const id = data?.[0]?.id;
    return typeof id === 'string' && id.length > 0 && id.length <= 200 ? id : null;
  } catch {
    return null;
  }
}
