import { expect, test } from 'vitest';
import { facts, Gate, policy, principal, shown } from './gate.js';

const user = principal({ kind: 'user', id: 'usr_one', keyId: null, environment: null });
const gate = () =>
  new Gate({
    over: {
      sessions: { find: () => ({ principal: user, sessionId: 'ses_one' }), touch: () => {} },
      sessionRules: { cookieName: 'gatehouse_session', publicOrigin: 'https://gate.example.com' },
    },
  });
const from = (method: string, origin: string | null, upgrade = false) =>
  facts({
    method,
    rawHeaders: [
      'Host',
      'gate.example.com',
      'Cookie',
      'gatehouse_session=s',
      ...(origin === null ? [] : ['Origin', origin]),
      ...(upgrade ? ['Sec-WebSocket-Key', 'x3JJHMbDL1EzLkh9GBhXDw=='] : []),
    ],
  });
const jwt = policy({ authModes: ['jwt'], reach: 'none' });
const open = policy({ authModes: ['public'], reach: 'none' });

test('A3: a page elsewhere cannot open a WebSocket in the name of who is signed in here', () => {
  expect(shown(gate().decide(from('GET', 'https://evil.example.com', true), jwt))).toBe('authenticate FORBIDDEN');
  expect(shown(gate().decide(from('GET', null, true), jwt))).toBe('authenticate FORBIDDEN');
  expect(shown(gate().decide(from('GET', 'https://gate.example.com', true), jwt))).toBe('allow usr_one');
  expect(shown(gate().decide(from('GET', 'https://evil.example.com'), jwt))).toBe('allow usr_one');
});

test('A3: what is public may be changed from anywhere, but not in their name', () => {
  expect(shown(gate().decide(from('POST', 'https://evil.example.com'), open))).toBe('allow anonymous');
  expect(shown(gate().decide(from('POST', 'https://gate.example.com'), open))).toBe('allow usr_one');
});
