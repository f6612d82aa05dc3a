import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGatehouse } from '../support/gatehouse.js';
import { REPOSITORY, temporaryFolder } from '../support/workspace.js';

const run = promisify(execFile);
const MAX_GZIPPED_BYTES = 6 * 1024;

/** An empty project with the packed package in its node_modules, and nothing else. */
let project: Awaited<ReturnType<typeof temporaryFolder>>;
let installed: string;

beforeAll(async () => {
  const built = join(REPOSITORY, 'dist', 'client', 'index.js');
  await stat(built).catch(() => {
    throw new Error(`${built} is missing: run \`npm run build:packages\` first (\`npm test\` does)`);
  });
  project = await temporaryFolder();
  // Without scripts: the build would replace files that other tests run.
  const packing = ['pack', '--ignore-scripts', '--silent', '--pack-destination', project.path];
  const { stdout } = await run('npm', packing, { cwd: REPOSITORY });
  await run('tar', ['-xzf', stdout.trim()], { cwd: project.path });
  installed = join(project.path, 'node_modules', 'gatehouse-server');
  await cp(join(project.path, 'package'), installed, { recursive: true });
  await writeFile(join(project.path, 'package.json'), '{"type":"module","private":true}');
});
afterAll(() => project[Symbol.asyncDispose]());

/** What the compiler says about TypeScript files of the project, with every declaration of the package checked. */
async function compile(files: Record<string, string>, options: object): Promise<string> {
  const folder = join(project.path, 'compiled');
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const config = {
    compilerOptions: { strict: true, noEmit: true, skipDefaultLibCheck: true, target: 'ES2022', types: [], ...options },
    files: Object.keys(files),
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(REPOSITORY, 'node_modules', 'typescript', 'bin', 'tsc');
  return run(process.execPath, [tsc, '-p', folder]).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
}

/** The TypeScript of `docs/sdk.md`, block by block. */
async function examples(): Promise<string[]> {
  const page = await readFile(join(REPOSITORY, 'docs', 'sdk.md'), 'utf8');
  return [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code ?? '');
}

const consumer = (name: string) => readFile(join(import.meta.dirname, 'consumer', name), 'utf8');
const BROWSER = { module: 'ESNext', moduleResolution: 'bundler', lib: ['ES2022', 'DOM'] };
const NODE = {
  module: 'NodeNext',
  lib: ['ES2022'],
  types: ['node'],
  typeRoots: [join(REPOSITORY, 'node_modules', '@types')],
};

test('D4: the client is at most 6 KB for whoever downloads it, and imports nothing', async () => {
  const code = await readFile(join(installed, 'dist', 'client', 'index.js'));
  expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(MAX_GZIPPED_BYTES);
  expect(code.toString()).not.toMatch(/\bimport\b|\brequire\b|\beval\b|new Function/);
});

test('D4: its types name no package; those of the middleware, Node.js alone', async () => {
  const folder = join(installed, 'dist');
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.d.ts'));
  expect(names).toContain('client/index.d.ts');
  for (const name of names) {
    const text = await readFile(join(folder, name), 'utf8');
    const named = [...text.matchAll(/(?:from|import\()\s*['"]([^'"]+)/g)].map(([, target]) => target ?? '');
    const allowed = name.startsWith('express/')
      ? ['gatehouse-server/client', 'node:http']
      : ['gatehouse-server/client'];
    expect(named.filter((target) => !target.startsWith('.') && !allowed.includes(target))).toEqual([]);
  }
});

test('D4: a project that has nothing else imports and runs it', async () => {
  const code = `
    import { createClient, GatehouseError } from 'gatehouse-server/client';
    const client = createClient('https://gate.example.com/base', 'gate_sdk_live_x');
    try { createClient() } catch (error) { console.log(error instanceof GatehouseError, error.name, error.code, Object.keys(client).join()) }
  `;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: project.path });
  expect(stdout).toBe('true GatehouseError BAD_OPTIONS whoami,ask,askStream,keys,endpoints,request,token\n');
});

test('what is not exported cannot be imported', async () => {
  const code = "import('gatehouse-server/dist/main.js').catch((error) => console.log(error.code))";
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: project.path });
  expect(stdout).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
});

test('D4: apps, servers and the examples of docs/sdk.md compile against it in a browser, and wrong uses do not', async () => {
  const blocks = await examples();
  expect(blocks).toHaveLength(6);
  const files = {
    'app.ts': await consumer('app.ts'),
    'server.ts': await consumer('server.ts'),
    'process.d.ts': 'declare const process: { env: Record<string, string | undefined> };',
    ...Object.fromEntries(blocks.map((code, index) => [`example-${index + 1}.ts`, code])),
  };
  expect(await compile(files, BROWSER)).toBe('');
  // So that the above is known to see anything at all.
  const unmarked = files['server.ts'].replace('// @ts-expect-error: a question has words', '');
  expect(await compile({ 'server.ts': unmarked }, BROWSER)).toContain('server.ts');
}, 120_000);

test('D4: apps and servers compile against it in Node, without a DOM and as strictly as can be', async () => {
  const files = { 'app.ts': await consumer('app.ts'), 'server.ts': await consumer('server.ts') };
  expect(await compile(files, { ...NODE, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true })).toBe('');
}, 120_000);

test('D4: the three lines for servers get an answer from a real server', async () => {
  await using running = await startGatehouse();
  const { token } = await running.createKey();
  const example = (await examples()).find((code) => code.includes('.ask(')) ?? expect.unreachable();
  expect(example.trim().split('\n')).toHaveLength(3);
  const code = `${example}\nconsole.log(answer, citations[0].path);`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], {
    cwd: project.path,
    env: { PATH: process.env['PATH'], GATEHOUSE_URL: running.url, GATEHOUSE_API_KEY: token },
  });
  expect(stdout).toContain('server/fines.ts');
});
