import { useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'react-router';
import type { KeyWithToken } from '../../../../contract/keys.js';

/**
 * Holds a token for as long as the address says that it is shown (`?<name>=<id of the key>`), and lets go of it with
 * that: the same screen may stay for another address. The only place a token is kept, and no longer than it is seen.
 * @returns `made`: what is to be shown; `goneId`: a key whose token was shown here and is not any more
 */
export function useShownOnce(name: string) {
  const [params, setParams] = useSearchParams();
  const [made, setMade] = useState<KeyWithToken | null>(null);
  const wasThere = useRef(false);
  const id = params.get(name);
  const isThere = made !== null && id === made.key.id;
  useEffect(() => {
    if (isThere) wasThere.current = true;
    else if (wasThere.current) {
      wasThere.current = false;
      setMade(null);
    }
  }, [isThere]);
  return {
    // The address may follow a moment later.
    made: isThere || !wasThere.current ? made : null,
    goneId: id,
    show: (next: KeyWithToken) => {
      setMade(next);
      const from = params.get('from');
      setParams({ ...(from === null ? {} : { from }), [name]: next.key.id }, { replace: true });
    },
  };
}
