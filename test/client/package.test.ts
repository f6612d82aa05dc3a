import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
    compilerOptions: { strict: true, noEmit: true, skipLibCheck: false, target: 'ES2022', types: [], ...options },
    files: Object.keys(files),
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(REPOSITORY, 'node_modules', 'typescript', 'bin', 'tsc');
  return run(process.execPath, [tsc, '-p', folder]).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
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

test('D4: its types name no package', async () => {
  const folder = join(installed, 'dist');
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.d.ts'));
  expect(names).toContain('client/index.d.ts');
  for (const name of names) {
    const text = await readFile(join(folder, name), 'utf8');
    const named = [...text.matchAll(/(?:from|import\()\s*['"]([^'"]+)/g)].map(([, target]) => target ?? '');
    expect(named.filter((target) => !target.startsWith('.') && target !== 'gatehouse-server/client')).toEqual([]);
  }
});

test('D4: a project that has nothing else imports and runs it', async () => {
  const code = `
    import { createClient, GatehouseError } from 'gatehouse-server/client';
    const client = createClient('https://gate.example.com/base', 'gate_sdk_live_x');
    try { createClient() } catch (error) { console.log(error instanceof GatehouseError, error.name, error.code, Object.keys(client).join()) }
  `;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: project.path });
  expect(stdout).toBe('true GatehouseError BAD_OPTIONS whoami,ask,keys,endpoints,request,token\n');
});

test('what is not exported cannot be imported', async () => {
  const code = "import('gatehouse-server/dist/main.js').catch((error) => console.log(error.code))";
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: project.path });
  expect(stdout).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
});

test('D4: apps and servers compile against it, with and without a DOM, and wrong uses do not', async () => {
  const app = await consumer('app.ts');
  const server = await consumer('server.ts');
  expect(await compile({ 'app.ts': app, 'server.ts': server }, BROWSER)).toBe('');
  expect(await compile({ 'app.ts': app, 'server.ts': server }, { ...NODE, exactOptionalPropertyTypes: true })).toBe('');
  // So that the above is known to compile at all.
  expect(
    await compile({ 'server.ts': server.replace('// @ts-expect-error: a question has words', '') }, NODE),
  ).toContain('server.ts');
}, 120_000);
