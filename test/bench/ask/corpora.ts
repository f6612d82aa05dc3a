import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A code base that questions are asked about: a package from a registry, by name and version. */
export interface Source {
  readonly name: string;
  readonly language: string;
  readonly npm?: string;
  readonly debian?: string;
  /** The folder inside the package that is the code base; the first that matches. */
  readonly root: RegExp;
}

export const SOURCES: readonly Source[] = [
  { name: 'fastify', language: 'JavaScript, Markdown', npm: 'fastify@5.12.8', root: /^package$/ },
  { name: 'webpack', language: 'JavaScript', npm: 'webpack@5.112.2', root: /^package$/ },
  { name: 'django', language: 'Python', debian: 'python3-django', root: /dist-packages\/django$/ },
  { name: 'nats', language: 'Go', debian: 'golang-github-nats-io-nats-server-dev', root: /nats-io\/nats-server$/ },
  { name: 'tokio', language: 'Rust', debian: 'librust-tokio-dev', root: /registry\/tokio-[\d.]+$/ },
  { name: 'jekyll', language: 'Ruby', debian: 'jekyll', root: /gems\/jekyll-[\d.]+$/ },
];

/** Further packages that come with their documents: only what these say of their code is asked there. */
export const DOCUMENTED: readonly Source[] = [
  { name: 'pino', language: 'JavaScript, Markdown', npm: 'pino@10.4.0', root: /^package$/ },
  { name: 'undici', language: 'JavaScript, Markdown', npm: 'undici@7.30.2', root: /^package$/ },
  {
    name: 'eslint-plugin-import',
    language: 'JavaScript, Markdown',
    npm: 'eslint-plugin-import@2.32.0',
    root: /^package$/,
  },
  { name: 'mineflayer', language: 'JavaScript, Markdown', npm: 'mineflayer@4.25.0', root: /^package$/ },
];

const CACHE = process.env['BENCH_ASK_CACHE'] ?? path.join(tmpdir(), 'gatehouse-bench-ask');

/**
 * The folder of a code base, fetched once and kept. `null` when it cannot be had here: packages of Debian need `apt-get`,
 * and are of the version that the release has (the sets were written over Debian 12).
 */
export function folderOf(source: Source): string | null {
  const kept = path.join(CACHE, 'corpora', source.name);
  if (existsSync(kept)) return kept;
  const fetched = path.join(CACHE, 'fetching', source.name);
  rmSync(fetched, { recursive: true, force: true });
  mkdirSync(fetched, { recursive: true });
  try {
    if (source.npm !== undefined) {
      run('npm', ['pack', source.npm, '--silent', '--ignore-scripts'], fetched);
      run('tar', ['xzf', only(fetched, '.tgz')], fetched);
    } else {
      run('apt-get', ['download', source.debian ?? ''], fetched);
      run('dpkg-deb', ['-x', only(fetched, '.deb'), '.'], fetched);
    }
  } catch (error) {
    console.error(`${source.name}: left out, ${(error as Error).message.split('\n')[0]}`);
    return null;
  }
  const root = foldersBelow(fetched).find((folder) => source.root.test(folder));
  if (root === undefined) throw new Error(`${source.name}: the package does not look as expected`);
  mkdirSync(path.dirname(kept), { recursive: true });
  renameSync(path.join(fetched, root), kept);
  rmSync(fetched, { recursive: true, force: true });
  return kept;
}

/** A copy to write in, made anew. */
export function copyOf(folder: string, name: string): string {
  const copy = path.join(CACHE, 'copies', name);
  rmSync(copy, { recursive: true, force: true });
  cpSync(folder, copy, { recursive: true });
  return copy;
}

function run(command: string, args: readonly string[], cwd: string): void {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
}

function only(folder: string, ending: string): string {
  const found = readdirSync(folder).filter((name) => name.endsWith(ending));
  if (found.length !== 1) throw new Error(`expected one ${ending} in ${folder}`);
  return found[0] as string;
}

function foldersBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort((a, b) => a.length - b.length);
}
