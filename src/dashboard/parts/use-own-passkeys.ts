import { whyNoPasskeys } from '../api/passkeys.js';
import { useRoute } from '../api/use-route.js';

/** Whether whoever is signed in has a passkey that works on this page. */
export function useOwnPasskeys(): boolean {
  const { data: options } = useRoute('authOptions');
  const here = options !== undefined && whyNoPasskeys(options.passkeys) === null;
  const { data } = useRoute('listPasskeys', {}, { enabled: here });
  return here && (data?.data ?? []).some(({ rpId }) => rpId === location.hostname);
}
