import { useEffect, useState } from 'react';
import type { LiveEvent, LiveType } from '../../contract/live.js';
import { addressOf, type RouteId } from './call.js';
import type { Session } from './session.js';
import { queries } from './use-route.js';

const OF_KEYS = [
  'listKeys',
  'showKey',
  'listServiceKeys',
  'showServiceKey',
  'listMcpTokens',
  'showMcpToken',
  'showOverview',
] as const;

/** What is asked anew when something changed. */
const ASKED_ANEW: Readonly<Partial<Record<LiveType, readonly RouteId[]>>> = {
  'key.changed': [...OF_KEYS, 'listEnvKeys', 'listNames'],
  'key.first-used': OF_KEYS,
  'workspace.changed': ['listWorkspaces', 'showWorkspace'],
  'index.progress': ['listWorkspaces', 'showWorkspace'],
  'credential.changed': ['listCredentials', 'showCredential', 'listNames'],
  'secret.changed': ['listSecrets'],
  'variable.changed': ['listVariables'],
  'settings.changed': ['showNetwork', 'showRoutes', 'showScopes', 'showSystem', 'showOverview'],
  'organization.changed': ['listOrganizations', 'showProfile', 'showEntitlements', 'listNames'],
  'member.changed': ['listMembers', 'showProfile', 'listNames'],
  'invite.changed': ['listInvites'],
  'user.changed': ['listUsers'],
  'session.changed': ['listSessions'],
  'audit.appended': ['listAudit', 'summarizeAudit'],
  'job.changed': ['listJobs', 'showJob', 'showOverview'],
};

const RETRY_MS = 15_000;
/** A stream that breaks for a moment comes back by itself; only then is it worth a word. */
const PATIENCE_MS = 4000;

export interface LiveOptions {
  readonly organizationId: string;
  /** Keys whose every request is told. */
  readonly watch?: readonly string[];
  readonly onEvent: (event: LiveEvent) => void;
  readonly onConnected?: (connected: boolean) => void;
}

/** Listens to what happens. @returns stops it */
export function openLive({ organizationId, watch = [], onEvent, onConnected }: LiveOptions): () => void {
  const query = new URLSearchParams({ organizationId, ...(watch.length === 0 ? {} : { watch: watch.join(',') }) });
  let source: EventSource;
  let retry: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    source = new EventSource(`${addressOf('listenEvents')}?${query}`);
    source.onopen = () => onConnected?.(true);
    source.onmessage = ({ data }) => onEvent(JSON.parse(data) as LiveEvent);
    source.onerror = () => {
      onConnected?.(false);
      // A refusal ends the stream for good, as browsers see it; the reason may pass.
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(open, RETRY_MS);
    };
  };
  open();
  return () => {
    clearTimeout(retry);
    source.close();
  };
}

/**
 * Keeps what is on the page true: by the stream of events, and while there is none by asking everything anew now and
 * then. @returns whether the server is heard
 */
export function useLive({ organizationId }: Session): boolean {
  const [connected, setConnected] = useState(true);
  useEffect(() => {
    let lost: ReturnType<typeof setTimeout> | undefined;
    let polling: ReturnType<typeof setInterval> | undefined;
    const stop = openLive({
      organizationId,
      onEvent: askAnew,
      onConnected(isConnected) {
        if (isConnected) {
          clearTimeout(lost);
          clearInterval(polling);
          polling = undefined;
          setConnected(true);
        } else if (polling === undefined) {
          // Every try that fails comes here; the first one counts.
          lost = setTimeout(() => setConnected(false), PATIENCE_MS);
          polling = setInterval(() => void queries.invalidateQueries(), RETRY_MS);
        }
      },
    });
    return () => {
      clearTimeout(lost);
      clearInterval(polling);
      stop();
    };
  }, [organizationId]);
  return connected;
}

function askAnew(event: LiveEvent): void {
  if (event.type === 'hello') {
    if (event.data.missed) void queries.invalidateQueries();
    return;
  }
  const types = event.type === 'many' ? event.data.types : [event.type];
  for (const route of new Set(types.flatMap((type) => ASKED_ANEW[type] ?? [])))
    void queries.invalidateQueries({ queryKey: [route] });
}
