import { useState } from 'react';
import type { CredentialView, LastTest } from '../../../contract/credentials.js';
import { useChange } from '../../api/use-route.js';

/** Tries a credential at its vendor, and tells how long that took as the page saw it. */
export function useTest({ workspaceId, id }: Pick<CredentialView, 'workspaceId' | 'id'>) {
  const change = useChange('testCredential', ['listCredentials', 'showCredential']);
  const [result, setResult] = useState<LastTest | null>(null);
  const [tookMs, setTookMs] = useState<number>();
  const run = async () => {
    const begun = performance.now();
    const answer = await change.run({ params: { workspaceId, credential: id } });
    if (answer === null) return;
    setTookMs(performance.now() - begun);
    setResult(answer.test);
  };
  return { run, result, tookMs, pending: change.pending, error: change.error };
}
