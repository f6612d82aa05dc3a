import { createServer } from 'node:http';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { CliParts } from '../../src/cli/context.js';
import { runCli } from '../../src/cli/program.js';
import { readConfig } from '../../src/config/config.js';
import { ERRORS, type ErrorCode } from '../../src/contract/codes.js';
import { startGatehouse } from '../support/gatehouse.js';
import { temporaryFolder } from '../support/workspace.js';

/** The command line in this process, so that a test can be its terminal. */
async function runHere(
  args: readonly string[],
  socketPath: string,
  { typed, noColor = false }: { typed?: string; noColor?: boolean } = {},
): Promise<{ code: number; output: string; words: string }> {
  const parts: CliParts = {
    version: '0.0.0',
    command: 'gatehouse',
    readConfig: () => readConfig({ PORT: '0' }, '/nonexistent'),
    serve: () => Promise.reject(new Error('not here')),
    findServer: async () => ({ socketPath }),
    openOffline: () => Promise.reject(new Error('not here')),
  };
  const isTTY = typed !== undefined;
  const stream = () => Object.assign(new PassThrough(), { isTTY });
  const [input, output, words] = [stream(), stream(), stream()];
  if (isTTY) input.write(`${typed}\n`);
  else input.end();
  const code = await runCli(args, parts, { input, output, words }, noColor);
  const text = (from: PassThrough) => from.read()?.toString() ?? '';
  return { code, output: text(output), words: text(words) };
}

describe('at a terminal', () => {
  test('D3: revoking asks for the key’s name, tells its last use first, and does nothing when something else is typed', async () => {
    await using gate = await startGatehouse();
    const { key, token } = await gate.createKey({ name: 'website' });
    await gate.call('/api/auth/whoami', { key: token });
    const socket = gate.gatehouse.folder.commandSocketPath ?? '';
    const status = async () => (await gate.local(`/api/keys/${key.id}`)).json.key.status;

    const no = await runHere(['keys', 'revoke', 'website'], socket, { typed: 'y' });
    expect(no).toMatchObject({ code: 1, output: '' });
    expect(no.words).toMatch(/It was used .* from 127\.0\.0\.1\. Type its name \(website\) to revoke it for good:/);
    expect(no.words).toContain('Nothing was changed.');
    expect(await status()).toBe('active');

    const yes = await runHere(['keys', 'revoke', 'website'], socket, { typed: 'website' });
    expect(yes).toMatchObject({ code: 0, output: 'Revoked website. It is refused from now on.\n' });
    expect(await status()).toBe('revoked');
  });

  test('D3: colours are for terminals, and NO_COLOR and --no-color take them away', async () => {
    await using gate = await startGatehouse();
    const socket = gate.gatehouse.folder.commandSocketPath ?? '';
    const args = ['keys', 'show', 'nobody'];
    expect((await runHere(args, socket, { typed: '' })).words).toContain('\u001b[31m');
    for (const ran of [
      await runHere(args, socket, { typed: '', noColor: true }),
      await runHere(['--no-color', ...args], socket, { typed: '' }),
      await runHere(args, socket),
    ])
      expect(ran.words).toBe('gatehouse: No key is called nobody. `keys list` shows them.\n');
  });
});

describe('exit codes', () => {
  /** A server that refuses everything with one code. */
  async function refusing(code: ErrorCode): Promise<AsyncDisposable & { path: string }> {
    const folder = await temporaryFolder();
    const { status, error } = ERRORS[code];
    const problem = { type: 'about:blank', title: error, status, code, error, detail: 'Do this.', requestId: 'req_1' };
    const server = createServer((_request, response) => response.writeHead(status).end(JSON.stringify(problem)));
    const path = join(folder.path, 's');
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return {
      path,
      async [Symbol.asyncDispose]() {
        server.close();
        await folder[Symbol.asyncDispose]();
      },
    };
  }

  test.each<[ErrorCode, number]>([
    ['INTERNAL', 1],
    ['STORE_UNAVAILABLE', 1],
    ['BAD_REQUEST', 2],
    ['NOT_FOUND', 3],
    ['UNAUTHORIZED', 4],
    ['FORBIDDEN', 4],
    ['CONFLICT', 5],
    ['VAULT_LOCKED', 5],
    ['UNAVAILABLE', 6],
    ['INDEX_BUILDING', 6],
  ])(
    'D3: %s ends a command with exit %i, its sentence on standard error and nothing on standard output',
    async (code, exit) => {
      await using server = await refusing(code);
      const ran = await runHere(['keys', 'list', '--json'], server.path);
      expect(ran).toEqual({ code: exit, output: '', words: `gatehouse: ${ERRORS[code].error}: Do this.\n` });
    },
  );

  test('D3: an answer that is no Gatehouse’s is told as such, never as a stack', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 's');
    for (const [body, status, exit] of [
      ['<html>', 200, 6],
      ['{"x":1}', 500, 1],
      ['{"data":[]}', 200, 1],
    ] as const) {
      const server = createServer((_request, response) => response.writeHead(status).end(body));
      await new Promise<void>((resolve) => server.listen(path, resolve));
      const ran = await runHere(['keys', 'list'], path);
      expect({ code: ran.code, output: ran.output }).toEqual({ code: exit, output: '' });
      expect(ran.words).toMatch(/^gatehouse: [^\n]+\.\n$/);
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
