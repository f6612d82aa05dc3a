import { useEffect, useState } from 'react';
import type { Session } from './session.js';

/** Whether the server is heard. Until the stream of events is there, whether its answers arrive. */
export function useLive(_session: Session): boolean {
  const [connected, setConnected] = useState(navigator.onLine);
  useEffect(() => {
    const on = () => setConnected(true);
    const off = () => setConnected(false);
    addEventListener('online', on);
    addEventListener('offline', off);
    return () => {
      removeEventListener('online', on);
      removeEventListener('offline', off);
    };
  }, []);
  return connected;
}
