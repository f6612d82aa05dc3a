import { useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { BASE_PATH } from '../../../api/place.js';

type Target = { readonly to: string } | { readonly back: true };

/**
 * Asks before somebody leaves what cannot be seen again: by a link, by the way back, by closing the page.
 * @returns `asked`: somebody wants to leave and is to be asked; `leave`: they do; `to`: goes somewhere without asking
 */
export function useLeaveGuard(active: boolean) {
  const navigate = useNavigate();
  const [target, setTarget] = useState<Target | null>(null);
  const free = useRef(false);
  useEffect(() => {
    if (!active) return;
    free.current = false;
    const onClose = (event: BeforeUnloadEvent) => event.preventDefault();
    const onClick = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      if (link === null || link.target === '_blank' || link.hasAttribute('download') || free.current) return;
      const url = new URL(link.href, location.href);
      // Within the page, and a new tab, leave nothing.
      if (url.href.split('#')[0] === location.href.split('#')[0] || event.ctrlKey || event.metaKey || event.shiftKey)
        return;
      event.preventDefault();
      event.stopPropagation();
      setTarget({ to: url.pathname.slice(BASE_PATH.length) + url.search });
    };
    // The way back leads to a copy of this place first, and there it is asked.
    history.pushState(history.state, '', location.href);
    const onBack = () => {
      if (free.current) return;
      history.pushState(history.state, '', location.href);
      setTarget({ back: true });
    };
    addEventListener('beforeunload', onClose);
    addEventListener('popstate', onBack);
    document.addEventListener('click', onClick, true);
    return () => {
      removeEventListener('beforeunload', onClose);
      removeEventListener('popstate', onBack);
      document.removeEventListener('click', onClick, true);
    };
  }, [active]);
  /** Takes the copy out of the history, so that the way back later does not lead here. */
  const go = (where: Target) => {
    free.current = true;
    setTarget(null);
    if ('back' in where) return history.go(-2);
    addEventListener('popstate', () => void navigate(where.to, { replace: true }), { once: true });
    history.back();
  };
  return {
    asked: target !== null,
    stay: () => setTarget(null),
    leave: () => {
      if (target !== null) go(target);
    },
    to: (path: string) => go({ to: path }),
  };
}
