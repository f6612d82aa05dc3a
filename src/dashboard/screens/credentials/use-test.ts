import { useState } from 'react';
import type { CredentialTest, CredentialView } from '../../../contract/credentials.js';
import { useChange } from '../../api/use-route.js';

/** Tries a saved credential at its vendor. */
export function useTest({ workspaceId, id }: Pick<CredentialView, 'workspaceId' | 'id'>) {
  const change = useChange('testCredential', ['listCredentials', 'showCredential']);
  const [result, setResult] = useState<CredentialTest | null>(null);
  const run = async () => {
    const answer = await change.run({ params: { workspaceId, credential: id } });
    if (answer !== null) setResult(answer.test);
  };
  return { run, result, pending: change.pending, error: change.error };
}
