import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AskRoom, openAsk } from '../../src/ask/ask.js';
import { systemClock } from '../../src/kernel/clock.js';
import { openWorkspaces, type Workspaces } from '../../src/workspaces/workspaces.js';
import { boundsOf, quiet } from './desk.js';

let room: AskRoom;
let workspaces: Workspaces;
beforeAll(async () => {
  workspaces = await openWorkspaces({
    root: path.resolve(import.meta.dirname, '../../workspaces'),
    log: quiet,
    ownership: { ownerOf: () => 'org_default' },
  });
  room = openAsk({ workspaces, clock: systemClock, log: quiet });
});
afterAll(() => room.close());

const pathsFor = async (question: string) =>
  (await room.ask(boundsOf(workspaces), { workspaceId: 'example', question })).citations.map(({ path }) => path);

describe('Q2: questions a newcomer asks about workspaces/example find the right file', () => {
  test.each([
    // [question, the file, among the first how many]
    ['How does this code work?', 'README.md', 1],
    ['How are overdue fines calculated?', 'server/fines.ts', 1],
    ['Where are reminders sent?', 'worker/reminders.py', 1],
    ['Who is allowed to borrow a book?', 'server/loans.ts', 3],
    ['How is the rate limiting done?', 'server/rate-limiter.ts', 1],
    ['What happens when two people borrow the last copy?', 'server/storage.ts', 2],
    ['How do I configure the port?', 'docs/configuration.md', 2],
    ['What is the retry policy of the client?', 'worker/client.py', 1],
    ['How is a library card checked?', 'server/auth.ts', 5],
    ['How long is a book kept for the next person waiting?', 'server/reservations.ts', 3],
    ['Does the search ignore accents?', 'server/catalog.ts', 1],
    ['which function turns an old ISBN into the new form', 'server/catalog.ts', 1],
    ['how does the monthly report check the sums of the server', 'worker/fines_report.py', 2],
    ['What protects the data file from a crash in the middle of a write?', 'server/storage.ts', 2],
    ['how many times may a loan be renewed', 'docs/lending-rules.md', 2],
    ['Where is a payment split over several debts?', 'server/fines.ts', 2],
    ['what do the status codes mean', 'docs/api.md', 2],
  ])('%s', async (question, file, among) => {
    expect((await pathsFor(question)).slice(0, among)).toContain(file);
  });

  test.each([
    'Where is the Kubernetes ingress configured?',
    'Which GraphQL resolvers exist?',
    'How are webhooks signed with Ed25519?',
    'What does the OAuth consent screen look like?',
  ])('and what is not there is not found: %s', async (question) => {
    expect(await pathsFor(question)).toEqual([]);
  });
});
