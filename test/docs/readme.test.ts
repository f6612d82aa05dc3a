import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { REPOSITORY } from '../support/workspace.js';

const run = promisify(execFile);
const README = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');

/** The first block of a language that calls the API. */
function exampleIn(language: string): string {
  const blocks = [...README.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, code]) => code ?? '',
  );
  const example = blocks.find((code) => code.includes('/api/ask'));
  if (example === undefined) throw new Error(`README has no ${language} example`);
  return example;
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/** A Python that has `requests`; the machine may have several. */
async function pythonWithRequests(): Promise<string | null> {
  for (const python of ['python3', '/usr/bin/python3']) {
    const found = await run(python, ['-c', 'import requests']).then(
      () => true,
      () => false,
    );
    if (found) return python;
  }
  console.warn('skipped: the Python example, because no python3 here has the requests package');
  return null;
}

const python = await pythonWithRequests();

describe('the examples of the README, run as printed', () => {
  let running: RunningGatehouse;
  let port: string;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    // As printed means port 3000; on a machine where it is taken, another one stands in.
    port = (await isFree(3000)) ? '3000' : '0';
    running = await startGatehouse({ PORT: port });
    const { token } = await running.createKey();
    environment = { ...process.env, GATEHOUSE_KEY: token, NO_PROXY: '*' };
  });
  afterAll(() => running[Symbol.asyncDispose]());

  const asPrinted = (code: string) => (port === '3000' ? code : code.replaceAll('http://localhost:3000', running.url));

  function expectAnswer(output: string): void {
    expect(output).toContain('overdueFine');
    expect(output).toContain('server/fines.ts');
    expect(output).toContain('without a model');
  }

  test('Q1: curl gets an answer with citations', async () => {
    const { stdout } = await run('bash', ['-c', asPrinted(exampleIn('bash'))], { env: environment });
    expectAnswer(stdout);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', model: null });
  });

  test('Q1: fetch in Node.js gets an answer with citations', async () => {
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', asPrinted(exampleIn('js'))], {
      env: environment,
    });
    expectAnswer(stdout);
  });

  test.skipIf(python === null)('Q1: requests in Python gets an answer with citations', async () => {
    const { stdout } = await run(python ?? '', ['-c', asPrinted(exampleIn('python'))], { env: environment });
    expectAnswer(stdout);
  });
});
