import { cp } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Desk, openDesk } from './desk.js';

/**
 * A floor under the quality of answers, over this project's own source and docs: what somebody new asks, and the files of
 * which one must be among the first five. `npm run bench:ask` measures more, over other people's code.
 */
const QUESTIONS: readonly (readonly [question: string, files: RegExp])[] = [
  ['How is an inbound key looked up?', /key-index|look-up|identity\/keys|docs\/keys/],
  ['How are requests limited by rate?', /rate-limit/],
  ['How are stored secrets encrypted?', /seal\/|vault/],
  ['How is the client IP address found behind a proxy?', /client-ip|docs\/(proxy|gate)/],
  ['Where are private addresses refused when a request goes out?', /egress|outbound/],
  ['How does somebody sign in with a password?', /identity|sign-in|people|sessions/],
  ['How is a refresh token used a second time noticed?', /refresh|session|tokens|0011/],
  ['Where is the audit log chained so that tampering is noticed?', /audit/],
  ['How are jobs taken up again after a crash?', /jobs|docs\/ask/],
  ['How is a question in plain words turned into search terms?', /question|retrieve|tokens|thesaurus|words|ask/],
  ['How are files cut into passages?', /passages|cut-|ask/],
  ['Which files are never indexed because they hold secrets?', /file-names|docs\/ask|walk/],
  ['How is JSON written to disk without losing data?', /store|storage/],
  ['How are webhooks of a payment provider verified?', /webhook|stripe|polar/],
  ['How are metrics exposed?', /metrics|usage/],
  ['How do I run it in a container?', /deploy|container|Dockerfile|compose/],
  ['How are sessions protected against cross site requests?', /csrf|session|origin/],
  ['How does the server stop without cutting off requests?', /running|main|server|held-open|stop|close|serve/],
  ['Where are settings from the environment checked?', /config/],
  ['How are two factor codes checked?', /totp/],
];

const NOTHING = [
  'How are chess moves evaluated?',
  'Where is the weather forecast fetched?',
  'How are photos resized for thumbnails?',
  'Which code draws a map with delivery routes?',
  'How are GPU kernels compiled?',
  'How is speech synthesized from an article?',
];

describe('answers about this project', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk();
    const project = path.join(import.meta.dirname, '..', '..');
    for (const folder of ['src', 'docs']) {
      await cp(path.join(project, folder), desk.pathOf(folder), { recursive: true });
    }
    await desk.ask('warm up');
  }, 120_000);
  afterAll(() => desk.close());

  test('a right file is among the first five for sixteen of twenty questions', async () => {
    const missed: string[] = [];
    for (const [question, files] of QUESTIONS) {
      const { citations } = await desk.ask(question);
      if (!citations.slice(0, 5).some((citation) => files.test(citation.path))) missed.push(question);
    }
    expect(missed.length, missed.join('\n')).toBeLessThanOrEqual(4);
  });

  test('at least half of what is not here is said not to be', async () => {
    let said = 0;
    for (const question of NOTHING) if ((await desk.ask(question)).citations.length === 0) said++;
    expect(said).toBeGreaterThanOrEqual(NOTHING.length / 2);
  });
});
