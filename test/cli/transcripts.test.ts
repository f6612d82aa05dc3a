import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryWorkspaces } from '../support/workspace.js';
import { serve } from './process.js';
import { readTranscript, replay, saveTranscript } from './transcript.js';

/** `UPDATE_TRANSCRIPTS=1 npx vitest run test/cli/transcripts.test.ts` writes down what happens now; read the diff. */
const UPDATE = process.env['UPDATE_TRANSCRIPTS'] === '1';

const files = readdirSync(join(import.meta.dirname, 'transcripts'));

// Twenty commands one after the other, each a process of its own.
const TIMEOUT_MS = 90_000;

describe.each(files)('%s', { timeout: TIMEOUT_MS }, (file) => {
  const transcript = readTranscript(file);

  test.concurrent('D3: happens as written when no server runs', async () => {
    await using folder = await temporaryWorkspaces();
    const happened = await replay(transcript, { folder: folder.path, env: transcript.env });
    if (UPDATE) saveTranscript(transcript.name, happened);
    else expect(happened).toBe(transcript.text);
  });

  if (UPDATE || transcript.alone) return;
  test.concurrent('D3: happens the same through the socket of a running server', async () => {
    await using folder = await temporaryWorkspaces();
    const place = { folder: folder.path, env: transcript.env };
    await using server = await serve(place);
    expect(await replay(transcript, place)).toBe(transcript.text);
    expect(server.stderr()).not.toMatch(/"level":"(warn|error)"/);
  });
});
