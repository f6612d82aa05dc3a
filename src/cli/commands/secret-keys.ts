import type { Command } from 'commander';
import type { SecretKeyChanged, SecretKeys } from '../../contract/secret-keys.js';
import type { Context } from '../context.js';
import { table } from '../terminal.js';
import { readFile, readPrivate } from './field-input.js';

export function secretKeyCommands(program: Command, context: () => Context): void {
  const group = program
    .command('secret-key')
    .description('the keys that secrets are sealed under: the instance key and one for each workspace');
  fingerprintCommand(group, context);
  rotateCommand(group, context);
  addOldCommand(group, context);
  startOverCommand(group, context);
}

function fingerprintCommand(group: Command, context: () => Context): void {
  group
    .command('fingerprint')
    .description('every key by its fingerprint, and which are missing for what')
    .action(() =>
      context().withApi(async (api) => {
        const keys = await api.call('listSecretKeys');
        context().terminal.result(keys, () => describe(keys), keys.instance.fingerprint ?? '');
      }),
    );
}

function rotateCommand(group: Command, context: () => Context): void {
  group
    .command('rotate')
    .description('seal everything under another key; run again, it finishes what was interrupted')
    .option('--workspace <workspace>', 'the key of this workspace (default: the instance key)')
    .option('--key-file <file>', 'the new instance key, as MASTER_KEY takes it; - reads standard input (default: made)')
    .option('-y, --yes', 'do not ask')
    .action((options: { workspace?: string; keyFile?: string; yes?: boolean }) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const newKey = await keyFrom(options.keyFile, context());
        if (options.workspace === undefined && options.yes !== true) {
          terminal.say('Backups made so far open with the instance key of now alone. Keep a copy of it with them.');
          await terminal.confirm('Type rotate to go on:', 'rotate');
        }
        const body = {
          ...(options.workspace === undefined ? {} : { workspaceId: options.workspace }),
          ...(newKey === undefined ? {} : { newKey }),
        };
        const changed = await api.call('rotateSecretKey', { body });
        terminal.result(changed, () => wordsOf(changed), changed.fingerprint);
      }),
    );
}

function addOldCommand(group: Command, context: () => Context): void {
  group
    .command('add-old')
    .description('give a key that values are still sealed under, from standard input; they are sealed anew')
    .option('--workspace <workspace>', 'it is a key of this workspace (default: an instance key)')
    .option('--key-file <file>', 'read it from a file')
    .action((options: { workspace?: string; keyFile?: string }) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const key = await readPrivate(options.keyFile, 'the key', terminal);
        const where = options.workspace === undefined ? {} : { workspaceId: options.workspace };
        const changed = await api.call('addOldSecretKey', { body: { key, ...where } });
        terminal.result(
          changed,
          () =>
            changed.renewed === 0
              ? `Nothing was sealed under ${changed.fingerprint}.`
              : `${changed.fingerprint} opened ${changed.renewed}; they are sealed anew, and it is not needed any more.`,
          changed.fingerprint,
        );
      }),
    );
}

function startOverCommand(group: Command, context: () => Context): void {
  group
    .command('start-over')
    .description('give up an instance key that is lost for good, when the vault is locked for want of it')
    .argument('<fingerprint>', 'of the lost key, as `secret-key fingerprint` names it')
    .option('-y, --yes', 'do not ask')
    .action((wanted: string, { yes }: { yes?: boolean }) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        if (yes !== true) {
          terminal.say(
            'Everything that is sealed stays closed, unless the key is found: then secret-key add-old opens it.',
          );
          await terminal.confirm('Type lost to go on:', 'lost');
        }
        const changed = await api.call('startOverSecretKey', { body: { wanted } });
        terminal.result(changed, () => wordsOf(changed), changed.fingerprint);
      }),
    );
}

async function keyFrom(file: string | undefined, { terminal }: Context): Promise<string | undefined> {
  if (file === undefined) return undefined;
  return file === '-' ? readPrivate(undefined, 'the new key', terminal) : readFile(file);
}

function wordsOf({ state, fingerprint, renewed, unreadable }: SecretKeyChanged): string {
  const closed =
    unreadable === 0 ? '' : ` ${unreadable} open under no key that is here; \`secret-key fingerprint\` names them.`;
  switch (state) {
    case 'staged':
      return `Prepared. Set MASTER_KEY to the new key (${fingerprint}) and restart: the rest happens then.`;
    case 'restart':
      return `Restart Gatehouse: ${fingerprint} counts from then on. \`secret-key fingerprint\` then lists what to enter again.`;
    case 'finished':
      return `Finished what was interrupted: ${renewed} sealed anew under ${fingerprint}.${closed}`;
    case 'done':
      return `Rotated to ${fingerprint}: ${renewed} sealed anew.${closed}`;
  }
}

function describe({ instance, workspaces, wanted }: SecretKeys): string {
  const lines = [
    instance.locked === null
      ? `instance key  ${instance.fingerprint}, from ${instance.source}`
      : `instance key  LOCKED: ${instance.locked.wanted} is wanted, ${instance.locked.found ?? 'none'} is here; ${instance.locked.remedy}`,
    ...instance.old.map((fingerprint) => `still opens   ${fingerprint}: run \`secret-key rotate\` to finish`),
    ...(instance.staged === null ? [] : [`waits         ${instance.staged}: set MASTER_KEY to it and restart`]),
  ];
  const rows = workspaces.flatMap(({ workspaceId, keys }) =>
    keys.map((key) => [workspaceId, key.fingerprint, key.state, String(key.records), key.wrappedBy]),
  );
  if (rows.length > 0) lines.push('', table(['WORKSPACE', 'KEY', 'STATE', 'VALUES', 'WRAPPED BY'], rows));
  for (const { fingerprint, level, workspaceId, credentials, secrets } of wanted)
    lines.push(
      '',
      `${fingerprint} (${level} key) is wanted in ${workspaceId} for: ${[...credentials, ...secrets].join(' ')}`,
    );
  return lines.join('\n');
}
