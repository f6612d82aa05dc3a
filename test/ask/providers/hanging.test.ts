import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ANSWER_LIMITS } from '../../../src/ask/answering/provider-fetch.js';
import { openAsk } from '../../../src/ask/ask.js';
import { openWorkspaces } from '../../../src/workspaces/workspaces.js';
import { standIn, testEgress } from '../../egress/stand-in.js';
import { temporaryFolder } from '../../support/store-kit.js';
import { openTestVault, refusalOf } from '../../vault/kit.js';
import { quiet } from '../desk.js';
import { chatCompletions } from './chat-completions.js';
import { FEES, QUESTION } from './desk.js';

const wire = chatCompletions;

/** The room over a real vault and a real way out that is less patient than usual. */
async function askOf(answer: Parameters<typeof standIn>[0], signal?: AbortSignal): Promise<string> {
  const { port } = await standIn(answer);
  const egress = testEgress();
  const test = await openTestVault({ egress });
  const root = await temporaryFolder();
  await mkdir(join(root, 'one'));
  await writeFile(join(root, 'one', 'fees.ts'), FEES);
  const workspaces = await openWorkspaces({ root, log: quiet, ownership: { ownerOf: () => 'org_default' } });
  const fields = { apiKey: 'k', baseUrl: `https://vendor.test:${port}/v1` };
  const { id: credentialId } = await test.add('openai', 'own', { fields });
  const { vault } = test;
  const room = openAsk({
    workspaces,
    clock: test.clock,
    log: quiet,
    answering: {
      egress,
      limits: { ...ANSWER_LIMITS, headersMs: 300, idleMs: 300, totalMs: 1500 },
      sources: {
        credentials: {
          describe(workspaceId, name) {
            const found = vault.describe(workspaceId, name);
            return found === null ? null : { ...found, type: found.type.id };
          },
          workspaceOf: (id) => vault.workspaceOf(id),
          open: (by, id, opening) => vault.source.open(by, id, opening),
        },
        prompts: null,
        earlier: { find: () => Promise.reject(new Error('there are none')) },
        defaultProvider: () => null,
      },
    },
  });
  onTestFinished(() => room.close());
  const { bounds, ...by } = test.by();
  const run = { by, signal: signal ?? new AbortController().signal, waited: true, progress() {}, emit() {} };
  const request = { workspaceId: 'one', question: QUESTION, credentialId, model: 'm' };
  return refusalOf(() => room.ask(bounds, request, run));
}

const STREAM = { 'content-type': 'text/event-stream' };

test('Q2: a provider that takes the question and says nothing is given up', async () => {
  expect(await askOf(() => {})).toMatch(
    /^UPSTREAM_TIMEOUT: vendor.test took the request and did not begin to answer in time/,
  );
});

test('Q2: a provider that stops in the middle is given up, and what it said is no answer', async () => {
  const said = await askOf((_request, response) => {
    response.writeHead(200, STREAM);
    response.write(wire.begin('m') + wire.piece('The fee is '));
  });
  expect(said).toMatch(/^UPSTREAM_TIMEOUT: vendor.test stopped in the middle of its answer/);
});

test('Q2: a provider that drips for ever is given up', async () => {
  const said = await askOf((_request, response) => {
    response.writeHead(200, STREAM);
    response.write(wire.begin('m'));
    const drip = setInterval(() => response.write(wire.piece('a ')), 100);
    response.once('close', () => clearInterval(drip));
  });
  expect(said).toMatch(/^UPSTREAM_TIMEOUT: vendor.test took longer than a call may/);
});

test('Q2: a provider that floods is given up', async () => {
  const said = await askOf((_request, response) => {
    response.writeHead(200, STREAM);
    response.write(wire.begin('m'));
    for (let at = 0; at < 50; at += 1) response.write(wire.piece('a '.repeat(5000)));
    response.end(wire.end({ input: 1, output: 1 }));
  });
  expect(said).toMatch(/^UPSTREAM_BAD_ANSWER: vendor.test:\d+ did not stop writing/);
});

test('Q3: who leaves before the provider has said a word leaves at once', async () => {
  const gone = new AbortController();
  let closed = () => {};
  const seen = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const asked = askOf((_request, response) => {
    response.once('close', () => closed());
    gone.abort(new Error('gone'));
  }, gone.signal);
  await expect(asked).rejects.toThrow('gone');
  await seen;
});
