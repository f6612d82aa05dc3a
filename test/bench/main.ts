import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

// `npm run bench`: bundles the measurements the way the program is bundled, since that is what people run (a loader that
// compiles on the way, such as tsx, makes a decision twice as dear), and runs them. Exit 1 when a promise is missed.

const outdir = join(process.cwd(), 'dist', 'bench');

buildSync({
  entryPoints: ['measure.ts', 'contender.ts', 'load.ts'].map((name) => join(import.meta.dirname, name)),
  bundle: true,
  splitting: true,
  external: ['@node-rs/argon2'],
  platform: 'node',
  format: 'esm',
  target: 'node20',
  outdir,
  logLevel: 'warning',
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
  },
});
process.exitCode =
  spawnSync(process.execPath, [join(outdir, 'measure.js'), ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1;
