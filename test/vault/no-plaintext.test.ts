import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compileLanTargets } from '../../src/egress/egress.js';
import { run } from '../cli/process.js';
import { CERTIFICATES, standIn, toLoopback } from '../egress/stand-in.js';
import { type Answer, type CallOptions, startGatehouse } from '../support/gatehouse.js';
import { temporaryWorkspaces } from '../support/workspace.js';
import { SAMPLES } from './samples.js';

/** A secret that cannot stand anywhere by chance, in every form in which it may travel. */
function marker(): { value: string; forms: string[] } {
  const value = `mark-${randomBytes(18).toString('base64url')}"%/+`;
  const base64 = Buffer.from(value).toString('base64');
  return {
    value,
    forms: [
      value.slice(5, 25),
      base64.slice(0, -4),
      // Not at the beginning of what was encoded: two more alignments.
      ...[1, 2].map((pad) =>
        Buffer.from('x'.repeat(pad) + value)
          .toString('base64')
          .slice(4, 24),
      ),
      Buffer.from(value).toString('hex'),
    ],
  };
}

async function textsUnder(folder: string): Promise<{ path: string; text: string }[]> {
  const names = await readdir(folder, { recursive: true });
  const texts: { path: string; text: string }[] = [];
  for (const name of names) {
    const path = join(folder, name);
    if ((await stat(path)).isFile()) texts.push({ path: name, text: await readFile(path, 'latin1') });
  }
  return texts;
}

describe('V2, V7: no secret in the open', () => {
  test('V2, V7: after every route, with mistakes, an echoing vendor, rotations and a restart', async () => {
    const marks: ReturnType<typeof marker>[] = [];
    /** Public, so the scan has to find it: a scan that finds nothing proves nothing. */
    const shown = marker();
    const mark = (): string => {
      const made = marker();
      marks.push(made);
      return made.value;
    };
    // A vendor that sends back all it gets, in its headers and its body.
    const vendor = await standIn((request, response) => {
      const said = JSON.stringify([request.url, request.headers]);
      response.writeHead(401, { 'content-type': 'application/json', 'x-echo': encodeURIComponent(said) }).end(said);
    });
    const egress = { lookup: toLoopback, ca: [CERTIFICATES.ca], allow: () => compileLanTargets(['127.0.0.0/8']) };
    await using folder = await temporaryWorkspaces({ 'one/a.txt': 'a' });
    const answers: Answer[] = [];
    let logs = '';
    const baseUrl = `https://vendor.test:${vendor.port}`;

    for (let start = 0; start < 2; start += 1) {
      await using gate = await startGatehouse({ API_RATE_LIMIT: 'off' }, { folder: folder.path, egress });
      const call = async (path: string, options?: CallOptions) => {
        const answer = await gate.local(path, options);
        answers.push(answer);
        return answer;
      };
      const at = (path = '') => `/api/workspaces/one/credentials${path}`;
      for (const [type, sample] of Object.entries(SAMPLES)) {
        const marked = Object.entries(sample).map(([name, value]) => {
          if (/secret|token|key|password/i.test(name) && typeof value === 'string' && !/Sid|Json/.test(name))
            return type === 'trello' && name === 'apiKey' ? [name, value] : [name, mark()];
          return name === 'values' ? [name, { A: mark() }] : [name, value];
        });
        const fields = {
          ...Object.fromEntries(marked),
          ...(type === 'google_sheets'
            ? { serviceAccountJson: { type: 'service_account', client_email: 'a@b.c', private_key: mark() } }
            : {}),
        };
        const name = `${type.replaceAll('_', '-')}-${start}`;
        const made = await call(at(), { body: { name, type, fields } });
        expect(made.status, made.text).toBe(201);
        // The same again with mistakes: nothing of what was sent comes back.
        await call(at(), { body: { name, type, fields } });
        await call(at(), { body: { name: `${name}-x`, type, fields: { ...fields, unknown: mark() } } });
        await call(at(), { body: JSON.stringify({ name, type, fields }).slice(0, -3) });
        await call(at(`/${name}`), { method: 'PATCH', body: { fields } });
        await call(at(`/${name}`), { method: 'PUT', body: { fields: { ...fields, nothing: mark() } } });
      }
      for (const [scheme, field] of [
        ['bearer', 'token'],
        ['basic', 'password'],
        ['header', 'headerValue'],
        ['query', 'queryValue'],
      ]) {
        const fields = {
          baseUrl,
          testPath: '/test',
          scheme,
          [field as string]: mark(),
          ...(scheme === 'basic' ? { username: 'u' } : {}),
          ...(scheme === 'header' ? { headerName: 'X-Key' } : {}),
          ...(scheme === 'query' ? { queryName: 'key' } : {}),
        };
        const made = await call(at(), { body: { name: `http-${scheme}-${start}`, type: 'http_request', fields } });
        expect(made.status, made.text).toBe(201);
        const tested = await call(at(`/http-${scheme}-${start}/test`), { method: 'POST' });
        expect(tested.json.test).toMatchObject({ outcome: 'invalid' });
        await call(at(`/http-${scheme}-${start}`), {
          method: 'PUT',
          body: { fields: { ...fields, [field as string]: mark() } },
        });
      }
      const secrets = '/api/workspaces/one/secrets';
      await call(`${secrets}/NAME`, { method: 'PUT', body: { value: mark(), hosts: ['api.example.com'] } });
      await call(`${secrets}/NAME`, { method: 'PUT', body: { value: mark(), hosts: ['https://x'] } });
      await call(`${secrets}/name`, { method: 'PUT', body: { value: mark(), hosts: [] } });
      await call(`${secrets}/NAME`);
      for (const path of [at('?limit=200'), secrets, '/api/settings/secret-keys', '/api/audit?limit=200'])
        expect((await call(path)).status).toBe(200);
      const wrongKey = randomBytes(32).toString('hex');
      await call('/api/settings/secret-keys/old', { body: { key: wrongKey } });
      await call('/api/settings/secret-keys/old', { body: { key: mark() } });
      expect((await call('/api/settings/secret-keys/rotate', { body: {} })).json.state).toBe('done');
      expect((await call('/api/settings/secret-keys/rotate', { body: { workspaceId: 'one' } })).json).toMatchObject({
        state: 'done',
        unreadable: 0,
      });
      await call('/api/audit/verify');
      await call('/api/workspaces/one/variables/SHOWN', { method: 'PUT', body: { value: shown.value } });
      logs += gate.logs();
    }

    const files = await textsUnder(folder.path);
    expect(files.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        '.gatehouse/credentials.json',
        '.gatehouse/secrets.json',
        '.gatehouse/workspace-keys.json',
      ]),
    );
    expect(answers.length).toBeGreaterThan(350);
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    const places = [
      ...files,
      { path: 'the log', text: logs },
      ...answers.map((answer, index) => ({ path: `answer ${index}`, text: `${answer.text}${[...answer.headers]}` })),
    ];
    const holding = places.filter(({ text }) => text.includes(shown.forms[0] ?? '?')).map(({ path }) => path);
    expect(holding).toContain('.gatehouse/variables.json');
    expect(holding.length).toBe(3);
    for (const { forms } of marks)
      for (const form of forms)
        expect(places.filter(({ text }) => text.includes(form)).map(({ path }) => path)).toEqual([]);
  }, 120_000);

  test('V2, D3: no command shows a secret, and none takes one from its arguments', async () => {
    await using folder = await temporaryWorkspaces({ 'one/a.txt': 'a' });
    const marks = Array.from({ length: 5 }, marker);
    const [bare = '', json = '', secret = '', imported = '', hidden = ''] = marks.map(({ value }) => value);
    const place = { folder: folder.path };
    let said = '';
    const gatehouse = async (args: string, input = '', code = 0) => {
      const ran = await run(args.split(' '), place, input);
      said += ran.stdout + ran.stderr;
      expect([args, ran.code, ran.stderr]).toEqual([args, code, expect.anything()]);
      return ran;
    };
    await gatehouse('credentials add one stripe --type stripe --json', bare);
    await gatehouse('credentials add one stripe --type stripe', bare, 5);
    await gatehouse('credentials replace one stripe', JSON.stringify({ apiKey: json }));
    await gatehouse('credentials add one custom --type custom', JSON.stringify({ values: { A: hidden } }));
    await gatehouse('credentials add one custom2 --type custom', hidden, 2);
    await gatehouse('credentials show one stripe --json');
    await gatehouse('credentials list one --json');
    await gatehouse('credentials test one custom', '', 7);
    await gatehouse('secrets set one NAME --hosts none', secret);
    const env = join(folder.path, 'one', 'import.env');
    const { writeFile, rm } = await import('node:fs/promises');
    await writeFile(env, `A_KEY='${imported}'\nlower=${imported}\nEMPTY=\n`);
    const preview = await gatehouse(`secrets import one ${env} --hosts api.example.com --dry-run`);
    expect(preview.stdout).toMatch(/A_KEY +new +\d+ characters\nlower +skip .*\nEMPTY +skip +it is empty/);
    await gatehouse(`secrets import one ${env} --hosts api.example.com`, '', 2);
    await gatehouse(`secrets import one ${env} --hosts api.example.com --yes`);
    const again = await gatehouse(`secrets import one ${env} --hosts none --only A_KEY --dry-run`);
    expect(again.stdout).toMatch(/A_KEY +replace/);
    await rm(env);
    expect((await gatehouse('secrets list one')).stdout).toMatch(/A_KEY +ready .*api\.example\.com/);
    await gatehouse('secret-key fingerprint --json');
    const newKey = randomBytes(32).toString('hex');
    await gatehouse('secret-key rotate --yes --key-file -', newKey);
    await gatehouse('audit tail -n 200 --json');
    const files = await textsUnder(folder.path);
    for (const { forms } of marks)
      for (const form of forms) {
        expect(said).not.toContain(form);
        expect(files.filter(({ text }) => text.includes(form)).map(({ path }) => path)).toEqual([]);
      }
    expect(said).not.toContain(newKey);
  }, 120_000);
});

test('V3: whoever seals under the instance key is known to its rotation', async () => {
  const SRC = join(import.meta.dirname, '..', '..', 'src');
  const names = (await readdir(SRC, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const sealing: string[] = [];
  for (const name of names) if (/\bseal\.seal\(/.test(await readFile(join(SRC, name), 'utf8'))) sealing.push(name);
  // A new one here has to be among `resealers` in identity.ts or gatehouse.ts, or what it sealed is lost at the next rotation.
  expect(sealing.sort()).toEqual([
    'audit/chain-key.ts',
    'identity/tokens/signing-keys.ts',
    'identity/users/totp.ts',
    'vault/workspace-keys.ts',
  ]);
});
