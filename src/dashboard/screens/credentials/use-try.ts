import { useState } from 'react';
import type { CredentialTest, CredentialTypeView, CredentialView } from '../../../contract/credentials.js';
import { call, type GatehouseError } from '../../api/call.js';
import { asGatehouseError } from '../../api/use-route.js';
import { useWait } from '../../api/use-wait.js';

/** What a form holds, as it would be saved. */
export interface Draft {
  readonly name: string;
  readonly fields: Record<string, unknown>;
  readonly optionalHosts: string[];
}

interface Place {
  readonly workspaceId: string;
  readonly type: CredentialTypeView;
  readonly replaced: CredentialView | null;
}

/** Asks the vendor what it makes of fields that are not saved. The answer is about them alone: whoever edits drops it. */
export function useTry({ workspaceId, type, replaced }: Place) {
  const [result, setResult] = useState<CredentialTest | null>(null);
  const [error, setError] = useState<GatehouseError | null>(null);
  const [pending, setPending] = useState(false);
  const [secondsLeft, waitFor] = useWait();
  const drop = () => {
    setResult(null);
    setError(null);
  };
  const run = async ({ name, fields, optionalHosts }: Draft) => {
    drop();
    setPending(true);
    try {
      const answer =
        replaced === null
          ? await call('tryCredential', {
              params: { workspaceId },
              body: { name, type: type.id, fields, optionalHosts },
            })
          : await call('tryReplacement', {
              params: { workspaceId, credential: replaced.id },
              body: { fields, optionalHosts },
            });
      setResult(answer.test);
    } catch (failure) {
      const problem = asGatehouseError(failure);
      if (problem.code === 'RATE_LIMITED') waitFor(problem.retryAfterSeconds ?? 5);
      else setError(problem);
    } finally {
      setPending(false);
    }
  };
  return { run, drop, result, error, pending, secondsLeft };
}
