import { base, change, K, type RouteSpec } from '../route-spec.js';
import {
  AddressTrace,
  NetworkChange,
  NetworkView,
  RoutesView,
  RouteTested,
  ScopesView,
  SetNetwork,
  SetScopes,
  TestRoute,
} from '../settings.js';
import { UpstreamRoutes } from '../upstream-routes.js';

const read = { ...base, authModes: K, scopes: ['settings:read'], reach: 'instance' } as const;
const write = { ...change, authModes: K, scopes: ['settings:write'], reach: 'instance' } as const;

/** What operators change while it runs. */
export const settingsRoutes = {
  showNetwork: {
    ...read,
    method: 'GET',
    path: '/api/settings/network',
    summary: 'The saved list of addresses that may call, beside ALLOWED_IPS.',
    answer: NetworkView,
  },
  showOwnAddress: {
    ...read,
    method: 'GET',
    path: '/api/settings/network/me',
    summary: "How the caller's own address was found, hop by hop.",
    answer: AddressTrace,
  },
  setNetwork: {
    ...write,
    method: 'PUT',
    path: '/api/settings/network',
    summary: 'Replace it, or say whom it would keep out. It reverts unless it is confirmed.',
    body: SetNetwork,
    answer: NetworkChange,
  },
  confirmNetwork: {
    ...write,
    method: 'POST',
    path: '/api/settings/network/confirm',
    summary: 'Keep the list that waits to be confirmed.',
    answer: NetworkView,
  },
  showRoutes: {
    ...read,
    method: 'GET',
    path: '/api/settings/routes',
    summary: 'What the apps behind Gatehouse ask of their callers, and what is wrong with routes.json.',
    answer: RoutesView,
  },
  setRoutes: {
    ...write,
    method: 'PUT',
    path: '/api/settings/routes',
    summary: 'Replace routes.json.',
    body: UpstreamRoutes,
    bodyLimitBytes: 1_000_000,
    answer: RoutesView,
  },
  testRoute: {
    ...read,
    method: 'POST',
    path: '/api/settings/routes/test',
    summary: 'Which route of routes.json a request would be judged by.',
    body: TestRoute,
    answer: RouteTested,
  },
  showScopes: {
    ...read,
    method: 'GET',
    path: '/api/settings/scopes',
    summary: 'Every scope: those of Gatehouse, and those declared for the apps behind it.',
    answer: ScopesView,
  },
  setScopes: {
    ...write,
    method: 'PUT',
    path: '/api/settings/scopes',
    summary: 'Replace the declared scopes. Keys can then be given them.',
    body: SetScopes,
    answer: ScopesView,
  },
} as const satisfies Record<string, RouteSpec>;
