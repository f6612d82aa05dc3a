import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { WorkspaceId } from '../../contract/fields.js';
import type { ArchiveWritten, FileView, LeftOut } from '../../contract/workspace-files.js';
import type { Api } from '../api.js';
import type { Context } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { archivesOf, contentOf, type FolderPlan, planFolder } from '../folder-archive.js';
import { ago, oneLine, type Terminal, table } from '../terminal.js';
import { organizationOption } from './organization-names.js';

/** What is in workspaces: made, filled, looked at, deleted. */
export function workspaceFileCommands(group: Command, context: () => Context): void {
  createCommand(group, context);
  uploadCommand(group, context);
  importCommand(group, context);
  filesCommand(group, context);
  readCommand(group, context);
  removeFileCommand(group, context);
  deleteCommand(group, context);
}

function createCommand(group: Command, context: () => Context): void {
  group
    .command('create')
    .description('make an empty workspace')
    .argument('<name>', 'a-z 0-9 . _ -')
    .option('--org <organization>', 'whose it becomes, by id or name')
    .action((id: string, { org }: { org?: string }) =>
      context().withApi(async (api) => {
        const { terminal, parts } = context();
        const workspace = await create(api, id, org);
        terminal.result(workspace, () => `${workspace.id} is there, and empty.`, workspace.id);
        terminal.say(`Fill it: ${parts.command} workspaces upload ${workspace.id} FOLDER`);
      }),
    );
}

function uploadCommand(group: Command, context: () => Context): void {
  group
    .command('upload')
    .description('write a folder, a file or an archive into a workspace')
    .argument('<workspace>')
    .argument('<path>', 'a folder, a file, a .tar or .tgz archive, or - for an archive on standard input')
    .option('--as <path>', 'where in the workspace a single file goes')
    .option('--dry-run', 'only say what a folder would bring')
    .addHelpText(
      'after',
      '\nOf a folder, what .gitignore names, .git, dependencies and secret files stay where they are.',
    )
    .action((workspaceId: string, source: string, options: { as?: string; dryRun?: boolean }) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        if (source === '-') return showWritten(terminal, await sendArchive(api, workspaceId, terminal.inputBytes()));
        const kind = await kindOf(source);
        if (kind === 'folder') {
          const plan = await planFolder(source);
          if (options.dryRun === true) return showPlan(terminal, plan);
          return showWritten(terminal, await sendFolder(api, workspaceId, plan, terminal), plan.leftOut);
        }
        if (options.as === undefined && /\.(tar|tar\.gz|tgz)$/i.test(source))
          return showWritten(terminal, await sendArchive(api, workspaceId, contentOf(source)));
        const query = { path: options.as ?? path.basename(source) };
        const written = await api.upload('writeFile', { params: { workspaceId }, query }, contentOf(source));
        const words = `${written.path}: ${written.bytes} bytes${written.replaced ? ', replaced' : ''}.`;
        terminal.result(written, () => words, written.path);
      }),
    );
}

function importCommand(group: Command, context: () => Context): void {
  group
    .command('import')
    .description('make a workspace of a folder on this machine')
    .argument('<folder>')
    .option('--name <name>', "default: the folder's own, in lower case")
    .option('--org <organization>', 'whose it becomes, by id or name')
    .option('--dry-run', 'only say what it would hold')
    .action((folder: string, options: { name?: string; org?: string; dryRun?: boolean }) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const id = options.name ?? nameFor(folder);
        if ((await kindOf(folder)) !== 'folder') throw new CommandError(EXIT.usage, `${folder} is no folder.`);
        const plan = await planFolder(folder);
        if (options.dryRun === true) return showPlan(terminal, plan, id);
        await create(api, id, options.org);
        terminal.say(`Made the workspace ${id}.`);
        showWritten(terminal, await sendFolder(api, id, plan, terminal), plan.leftOut);
      }),
    );
}

function filesCommand(group: Command, context: () => Context): void {
  group
    .command('files')
    .description('what is in a workspace, and which of it answers questions')
    .argument('<workspace>')
    .option('--prefix <path>', 'only paths that begin so, such as src/')
    .option('-n, --lines <count>', 'at most so many', '1000')
    .action((workspaceId: string, { prefix, lines }: { prefix?: string; lines: string }) =>
      context().withApi(async (api) => {
        const { terminal, parts } = context();
        const wanted = Number(lines);
        if (!Number.isInteger(wanted) || wanted < 1)
          throw new CommandError(EXIT.usage, '--lines: a whole number from 1.');
        const data: FileView[] = [];
        let cursor: string | undefined;
        do {
          const query = { prefix, cursor, limit: Math.min(200, wanted - data.length) };
          const page = await api.call('listFiles', { params: { workspaceId }, query });
          data.push(...page.data);
          cursor = page.nextCursor ?? undefined;
        } while (cursor !== undefined && data.length < wanted);
        const none = `No files. Bring some: ${parts.command} workspaces upload ${workspaceId} FOLDER`;
        const nowMs = Date.now();
        const rows = data.map((file) => [
          file.path,
          size(file.bytes),
          ago(file.modifiedAt, nowMs),
          file.indexed ? 'yes' : `no: ${file.reason}`,
        ]);
        terminal.result(
          data,
          () => (data.length === 0 ? none : table(['PATH', 'SIZE', 'CHANGED', 'INDEXED'], rows)),
          data.map((file) => file.path).join('\n'),
        );
        if (cursor !== undefined) terminal.say(`There are more; --lines ${wanted * 10} shows them.`);
      }),
    );
}

function readCommand(group: Command, context: () => Context): void {
  group
    .command('read')
    .description('print lines of a text file')
    .argument('<workspace>')
    .argument('<path>')
    .option('--lines <range>', 'such as 10-20')
    .action((workspaceId: string, file: string, { lines }: { lines?: string }) =>
      context().withApi(async (api) => {
        const range = /^(\d+)-(\d+)$/.exec(lines ?? '1-2000');
        if (range === null) throw new CommandError(EXIT.usage, '--lines: two numbers, such as 10-20.');
        const query = { path: file, startLine: Number(range[1]), endLine: Number(range[2]) };
        const read = await api.call('readFile', { params: { workspaceId }, query });
        context().terminal.result(read, () => read.lines.join('\n'), read.lines.join('\n'));
      }),
    );
}

function removeFileCommand(group: Command, context: () => Context): void {
  group
    .command('rm')
    .description('delete one file of a workspace')
    .argument('<workspace>')
    .argument('<path>')
    .action((workspaceId: string, file: string) =>
      context().withApi(async (api) => {
        const gone = await api.call('deleteFile', { params: { workspaceId }, query: { path: file } });
        context().terminal.result(gone, () => `Deleted ${oneLine(gone.path)}.`, gone.path);
      }),
    );
}

function deleteCommand(group: Command, context: () => Context): void {
  group
    .command('delete')
    .description('delete a workspace: its files, credentials, secrets and variables')
    .argument('<workspace>')
    .option('-y, --yes', 'do not ask')
    .action((workspaceId: string, { yes }: { yes?: boolean }) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const params = { workspaceId };
        await api.call('showWorkspace', { params });
        const question = `Its files and everything sealed for it go for good. Type its name (${oneLine(workspaceId)}) to delete it:`;
        if (yes !== true) await terminal.confirm(question, workspaceId);
        const gone = await api.call('deleteWorkspace', { params, query: { confirm: workspaceId } });
        const kept = `${gone.credentials} credentials, ${gone.secrets} secrets, ${gone.variables} variables`;
        terminal.result(gone, () => `Deleted ${gone.workspaceId}, with ${kept}.`, gone.workspaceId);
        if (gone.keysLeft > 0)
          terminal.say(`Keys that are bound to it alone: ${gone.keysLeft}. They reach nothing now; revoke them.`);
      }),
    );
}

async function create(api: Api, id: string, org: string | undefined) {
  const organizationId = await organizationOption(api, org);
  const body = { id, ...(organizationId === undefined ? {} : { organizationId }) };
  return (await api.call('createWorkspace', { body })).workspace;
}

const sendArchive = (api: Api, workspaceId: string, archive: AsyncIterable<Buffer>) =>
  api.upload('uploadArchive', { params: { workspaceId } }, archive);

/** Part by part; the answers are told as one. */
async function sendFolder(
  api: Api,
  workspaceId: string,
  plan: FolderPlan,
  terminal: Terminal,
): Promise<ArchiveWritten> {
  let sent = 0;
  const total = { workspaceId, files: 0, replaced: 0, bytes: 0, leftOutCount: 0 };
  const paths: string[] = [];
  try {
    for (const archive of archivesOf(plan)) {
      const written = await api.upload('uploadArchive', { params: { workspaceId } }, archive, (bytes) => {
        // An archive has a little more than its files; the bar ends at its end.
        sent = Math.min(sent + bytes, plan.bytes);
        terminal.progress(Math.round(sent / 1000), Math.round(plan.bytes / 1000), `Sending to ${workspaceId} (KB)`);
      });
      for (const name of ['files', 'replaced', 'bytes', 'leftOutCount'] as const) total[name] += written[name];
      paths.push(...written.paths);
    }
  } finally {
    terminal.endProgress();
  }
  return { ...total, paths: paths.slice(0, 1000), leftOut: [] };
}

function showWritten(terminal: Terminal, written: ArchiveWritten, alsoLeftOut: readonly LeftOut[] = []): void {
  const leftOut = [...written.leftOut, ...alsoLeftOut];
  const { files, bytes, replaced, workspaceId } = written;
  const words = `${files} files, ${size(bytes)}, in ${workspaceId}; ${replaced} of them were there before.`;
  const data = { ...written, leftOut: leftOut.slice(0, 1000), leftOutCount: written.leftOutCount + alsoLeftOut.length };
  terminal.result(data, () => words, String(files));
  sayLeftOut(terminal, leftOut);
}

function showPlan(terminal: Terminal, { files, bytes, leftOut }: FolderPlan, name?: string): void {
  const where = name === undefined ? '' : ` as the workspace ${name}`;
  const words = `${files.length} files, ${size(bytes)}${where}. Nothing was sent.`;
  const data = { ...(name === undefined ? {} : { workspaceId: name }), files: files.length, bytes, leftOut };
  terminal.result(data, () => words, files.map((file) => file.path).join('\n'));
  sayLeftOut(terminal, leftOut);
}

/** Reasons with their counts, and the paths where they are few. */
function sayLeftOut(terminal: Terminal, leftOut: readonly LeftOut[]): void {
  const byReason = new Map<string, string[]>();
  for (const one of leftOut) byReason.set(one.reason, [...(byReason.get(one.reason) ?? []), one.path]);
  for (const [reason, paths] of byReason) {
    const more = paths.length > 3 ? ` and ${paths.length - 3} more` : '';
    terminal.say(`left out, ${reason}: ${paths.slice(0, 3).map(oneLine).join(', ')}${more}`);
  }
}

async function kindOf(source: string): Promise<'folder' | 'file'> {
  const found = await stat(source).catch(() => null);
  if (found === null) throw new CommandError(EXIT.notFound, `There is no ${source} here.`);
  return found.isDirectory() ? 'folder' : 'file';
}

/** @throws CommandError for a folder whose name makes no workspace */
function nameFor(folder: string): string {
  const name = path
    .basename(path.resolve(folder))
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-');
  if (WorkspaceId.safeParse(name).success) return name;
  throw new CommandError(EXIT.usage, `${JSON.stringify(name)} is no name for a workspace: choose one with --name.`);
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
