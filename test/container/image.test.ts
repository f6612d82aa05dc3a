import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SETTING_NAMES } from '../../src/config/config.js';
import { REPOSITORY } from '../support/workspace.js';
import { copiedFromContext, type Instruction, parseDockerfile } from './parse.js';

const read = (name: string) => readFileSync(join(REPOSITORY, name), 'utf8');
const instructions = parseDockerfile(read('Dockerfile'));
const lastStage = Math.max(...instructions.map(({ stage }) => stage));
const final = instructions.filter(({ stage }) => stage === lastStage);
const only = (word: string): Instruction => {
  const found = final.filter((instruction) => instruction.word === word);
  expect(found, word).toHaveLength(1);
  return found[0]!;
};
/** `NAME=value` pairs; our values hold no blanks. */
const environment = new Map(
  final
    .filter(({ word }) => word === 'ENV')
    .flatMap(({ rest }) => rest.split(/\s+/))
    .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const),
);
const settings = new Set(SETTING_NAMES.flatMap(({ name, isSecret }) => (isSecret ? [name, `${name}_FILE`] : [name])));
const secrets = new Set(SETTING_NAMES.filter(({ isSecret }) => isSecret).map(({ name }) => name));

test('R7: the image does not run as root, and says so by number', () => {
  const { rest } = only('USER');
  expect(rest).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  const last = final.findLastIndex(({ word }) => ['RUN', 'COPY', 'ADD'].includes(word));
  expect(final.findIndex(({ word }) => word === 'USER')).toBeGreaterThan(last);
});

test('R7: node is process 1 and signals reach it: no shell in between, no npm at run time', () => {
  expect(JSON.parse(only('ENTRYPOINT').rest)).toEqual(['node', '/app/dist/main.js']);
  expect(JSON.parse(only('CMD').rest)).toEqual(['serve']);
  expect(only('STOPSIGNAL').rest).toBe('SIGTERM');
});

test('R7: health is asked by our own command, with time to start', () => {
  const { rest } = only('HEALTHCHECK');
  const [, options = '', command = '[]'] = /^(.*?)\bCMD (\[.*\])$/.exec(rest) ?? [];
  expect(JSON.parse(command)).toEqual(['gatehouse', 'healthcheck']);
  expect(options).toContain('--start-period=');
  expect(read('src/cli/commands/system.ts')).toContain("command('healthcheck')");
  expect(final.some(({ word, rest }) => word === 'RUN' && /dist\/main\.js \S*\/bin\/gatehouse\b/.test(rest))).toBe(
    true,
  );
});

test('R7: one volume, which is where the image keeps its data', () => {
  expect(JSON.parse(only('VOLUME').rest)).toEqual([environment.get('WORKSPACES_DIR')]);
});

test('the folder of the command socket keeps its mode under a tmpfs: writable for any user', () => {
  const folder = environment.get('SOCKET')?.replace(/\/[^/]+$/, '');
  expect(folder).toBe('/run/gatehouse');
  expect(final.some(({ word, rest }) => word === 'RUN' && rest.includes(`mkdir -m 1777 ${folder}`))).toBe(true);
  expect(environment.get('TMPDIR')).toBe(folder);
});

test('R7: no secret in ARG or ENV, no remote source, and the last stage takes nothing out of the checkout itself', () => {
  expect(instructions.filter(({ word }) => word === 'ARG' || word === 'ADD')).toEqual([]);
  expect(instructions.filter(({ word, stage }) => word === 'ENV' && stage !== lastStage)).toEqual([]);
  const ours = new Set(['NODE_ENV', 'TMPDIR', 'GATEHOUSE_IMAGE']);
  expect([...environment.keys()].filter((name) => !ours.has(name) && !settings.has(name))).toEqual([]);
  expect([...environment.keys()].filter((name) => secrets.has(name.replace(/_FILE$/, '')))).toEqual([]);
  expect(copiedFromContext(final)).toEqual([]);
});

test('R7: dependencies are installed from the lock file, and the last stage holds the program alone', () => {
  const installs = instructions.filter(({ word, rest }) => word === 'RUN' && /\bnpm (ci|i|install)\b/.test(rest));
  expect(installs).not.toEqual([]);
  expect(installs.every(({ rest }) => /\bnpm ci\b/.test(rest))).toBe(true);
  expect(installs.some(({ stage }) => stage === lastStage)).toBe(false);
  const copied = final.filter(({ word }) => word === 'COPY').map(({ rest }) => rest);
  expect(copied.filter((rest) => rest.includes('/src'))).toEqual([]);
  expect(copied.some((rest) => rest.includes('/app/dist'))).toBe(true);
  // What the build leaves out as native code has to come along, and nothing else of the packages.
  const { build } = JSON.parse(read('package.json')).scripts;
  const native = [...build.matchAll(/--external:(@?[^/\s]+)/g)].map(([, scope]) => `/app/node_modules/${scope}`);
  expect(native).toEqual(['/app/node_modules/@node-rs']);
  expect(copied.flatMap((rest) => rest.match(/\/app\/node_modules\S*/g) ?? [])).toEqual(native);
});

/** Setting-like names: in compose `NAME: value` and `NAME=value`, in the text also `NAME` in code quotes and `-e NAME`. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/(?:^[\s#-]*|`|-e )([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)(?=[:=`]|$)/gm)].map(
    ([, name = '']) => name,
  );
}

test.each(['docs/deploy/compose.yaml', 'docs/deploy/container.md'])('%s names only settings that exist', (name) => {
  const words = new Set(['ALL', 'NO_COMMAND_SOCKET', 'NAME']);
  const named = namesIn(read(name));
  expect(named).toContain('ADMIN_API_KEY_FILE');
  expect(named.filter((word) => !settings.has(word) && !words.has(word))).toEqual([]);
});

test('R7: compose runs it with a read-only root, no capabilities and one volume, on loopback, under the name that the printed commands use', () => {
  const compose = read('docs/deploy/compose.yaml');
  expect(compose).not.toContain('\t');
  const lines = compose.split('\n').filter((line) => !/^\s*#/.test(line));
  const block = (key: string) => {
    const start = lines.indexOf(`    ${key}:`);
    expect(start, key).toBeGreaterThan(0);
    const rest = lines.slice(start + 1);
    return rest
      .slice(
        0,
        rest.findIndex((line) => !line.startsWith('      ')),
      )
      .map((line) => line.trim().replace(/^- /, '').replaceAll('"', ''));
  };
  for (const line of ['container_name: gatehouse', 'image: gatehouse', 'pull_policy: never', 'read_only: true']) {
    expect(lines).toContain(`    ${line}`);
  }
  expect(block('ports')).toEqual(['127.0.0.1:3000:3000']);
  expect(block('volumes')).toEqual([`gatehouse:${environment.get('WORKSPACES_DIR')}`]);
  expect(block('tmpfs')).toEqual(['/run/gatehouse']);
  expect(block('cap_drop')).toEqual(['ALL']);
  expect(block('security_opt')).toEqual(['no-new-privileges:true']);
  // The server gives running requests 25 s.
  const grace = Number(/stop_grace_period: (\d+)s/.exec(compose)?.[1]);
  expect(grace * 1000).toBeGreaterThan(25_000);
  expect(lines.some((line) => /^\s+(healthcheck|privileged|user|network_mode|cap_add):/.test(line))).toBe(false);
});

test('the image, compose and their page fetch from no registry but what Docker takes the base image from', () => {
  const base = instructions.filter(({ word }) => word === 'FROM').map(({ rest }) => rest.replace(/ AS \S+$/i, ''));
  expect(new Set(base)).toEqual(new Set(['node:24-bookworm-slim']));
  for (const name of ['Dockerfile', 'docs/deploy/compose.yaml', 'docs/deploy/container.md']) {
    expect(read(name)).not.toMatch(/ghcr\.io|docker\.io|quay\.io|gcr\.io|https?:\/\/registry/);
  }
});
