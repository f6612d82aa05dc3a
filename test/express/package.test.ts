import { execFile } from 'node:child_process';
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REPOSITORY, temporaryFolder } from '../support/workspace.js';

const run = promisify(execFile);

/** A project that has the built package, Express and its types, and nothing else of ours. */
let project: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  await stat(join(REPOSITORY, 'dist', 'express', 'index.js')).catch(() => {
    throw new Error('dist/express is missing: run `npm run build:packages` first (`npm test` does)');
  });
  project = await temporaryFolder();
  const modules = join(project.path, 'node_modules');
  await mkdir(modules);
  await symlink(REPOSITORY, join(modules, 'gatehouse-server'));
  for (const name of ['express', 'express4', '@types'])
    await symlink(join(REPOSITORY, 'node_modules', name), join(modules, name));
  await writeFile(join(project.path, 'package.json'), '{"type":"module"}');
});
afterAll(() => project[Symbol.asyncDispose]());

const docs = async () => {
  const page = await readFile(join(REPOSITORY, 'docs', 'middleware.md'), 'utf8');
  return [...page.matchAll(/```(ts|js)\n([\s\S]*?)```/g)].map(([, , code]) => code ?? '');
};

test('G10: `gatehouse-server/express` loads as a package', async () => {
  const script = `
    import express from 'express';
    import { gatehouse, callerOf } from 'gatehouse-server/express';
    const gate = await gatehouse({ url: 'http://127.0.0.1:9', serviceKey: 'x' });
    const app = express();
    app.get('/', gate.guard(), (request, response) => response.json(callerOf(request)));
    const server = app.listen(0, async () => {
      const answer = await fetch('http://127.0.0.1:' + server.address().port);
      console.log(answer.status, (await answer.json()).code);
      server.closeAllConnections();
      server.close();
    });`;
  await writeFile(join(project.path, 'remote.mjs'), script);
  const { stdout } = await run(process.execPath, ['remote.mjs'], { cwd: project.path });
  expect(stdout).toBe('401 UNAUTHORIZED\n');
});

test('G10: on a folder of its own, from the built package', async () => {
  const script = `
    import express4 from 'express4';
    import { gatehouse } from 'gatehouse-server/express';
    const gate = await gatehouse({ folder: './keys', settings: { ADMIN_API_KEY: 'a'.repeat(40) } });
    const app = express4();
    app.get('/', gate.guard(), (request, response) => response.json(request.gatehouse));
    const server = app.listen(0, async () => {
      const answer = await fetch('http://127.0.0.1:' + server.address().port, { headers: { 'x-api-key': 'a'.repeat(40) } });
      console.log(answer.status, (await answer.json()).kind);
      server.closeAllConnections();
      server.close(() => gate.close());
    });`;
  await writeFile(join(project.path, 'embedded.mjs'), script);
  const { stdout } = await run(process.execPath, ['embedded.mjs'], { cwd: project.path });
  expect(stdout).toBe('200 env_admin\n');
});

test('G10: its declarations stand alone, and the examples of the documentation compile with them', async () => {
  const examples = await docs();
  expect(examples.length).toBeGreaterThan(2);
  const files = examples.map((code, index) => [`example-${index}.ts`, code] as const);
  for (const [name, code] of files) await writeFile(join(project.path, name), `${code}\nexport {};\n`);
  await writeFile(
    join(project.path, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        target: 'ES2022',
        module: 'NodeNext',
        types: ['node'],
        skipDefaultLibCheck: true,
        exactOptionalPropertyTypes: true,
      },
      files: files.map(([name]) => name),
    }),
  );
  const tsc = join(REPOSITORY, 'node_modules', 'typescript', 'bin', 'tsc');
  const said = await run(process.execPath, [tsc, '-p', project.path]).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
  expect(said).toBe('');
  expect(await readFile(join(REPOSITORY, 'dist', 'express', 'types.d.ts'), 'utf8')).not.toMatch(/from '\.\.?\//);
});
