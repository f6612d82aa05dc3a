import { readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';
import { ROLE_SCOPES } from '../contract/roles.js';
import { ROUTES, type RouteSpec } from '../contract/routes.js';
import { ADMIN_SCOPES, CLIENT_PRESET, MCP_PRESET, SCOPES } from '../contract/scopes.js';

/** The page needs the facts of the contract, and not its schemas, which come with a library of their own. */
const addresses = Object.fromEntries(
  Object.entries<RouteSpec>(ROUTES).map(([id, { method, path }]) => [id, [method, path]]),
);

/** Compressed once here, so that the server only has to pick a file. Of what was written: before that, plugins still change it. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    writeBundle({ dir = '' }, bundle) {
      for (const name of Object.keys(bundle).filter((one) => /\.(js|css|svg)$/.test(one))) {
        const source = readFileSync(`${dir}/${name}`);
        writeFileSync(`${dir}/${name}.br`, brotliCompressSync(source));
        writeFileSync(`${dir}/${name}.gz`, gzipSync(source, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  // The server writes the base path into the pages; everything else finds its way from where it was loaded.
  base: './',
  // Replaced by the server for each answer.
  html: { cspNonce: '{{nonce}}' },
  define: {
    __CONTRACT__: JSON.stringify({
      routes: addresses,
      roleScopes: ROLE_SCOPES,
      scopes: SCOPES,
      adminScopes: ADMIN_SCOPES,
      clientPreset: CLIENT_PRESET,
      mcpPreset: MCP_PRESET,
    }),
  },
  plugins: [compressed()],
  build: {
    outDir: '../../dist/dashboard',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'licenses.md' },
    target: 'es2022',
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      // "use client" is for servers that render React, and there is none here.
      onLog: (level, log, defaultHandler) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') defaultHandler(level, log);
      },
      input: ['index.html', 'entrance.html'].map((page) => `${import.meta.dirname}/${page}`),
    },
  },
});
