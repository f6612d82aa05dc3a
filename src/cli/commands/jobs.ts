import { type Command, Option } from 'commander';
import { JOB_STATUSES, type JobShown, type JobView } from '../../contract/jobs.js';
import type { Api } from '../api.js';
import type { Context } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { ago, oneLine, type Terminal, table } from '../terminal.js';

const POLL_MS = 300;

export function jobCommands(program: Command, context: () => Context): void {
  const jobs = program.command('jobs').description('questions that wait, run, or were answered');
  listCommand(jobs, context);
  jobs
    .command('show')
    .description('one job and, when it is done, its answer')
    .argument('<job>', 'its id')
    .action((id: string) =>
      context().withApi(async (api) => {
        const shown = await api.call('showJob', { params: { id } });
        context().terminal.result(shown, () => describe(shown), shown.job.status);
      }),
    );
  jobs
    .command('watch')
    .description('wait until a job is over and print its answer; exit 1 when it failed')
    .argument('<job>', 'its id')
    .action((id: string) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const shown = await untilOver(api, terminal, id);
        const { status, error } = shown.job;
        if (status !== 'completed')
          throw new CommandError(
            EXIT.failed,
            error === null ? `The job is ${status}.` : `${error.code}: ${error.detail}`,
          );
        terminal.result(shown, () => shown.result?.answer ?? '');
      }),
    );
  jobs
    .command('cancel')
    .description('stop a job, or take it out of the queue')
    .argument('<job>', 'its id')
    .action((id: string) =>
      context().withApi(async (api) => {
        const { job } = await api.call('cancelJob', { params: { id } });
        context().terminal.result(job, () => `Cancelled ${job.id}.`, job.id);
      }),
    );
  jobs
    .command('retry')
    .description('run a failed or cancelled job once more')
    .argument('<job>', 'its id')
    .action((id: string) =>
      context().withApi(async (api) => {
        const { job } = await api.call('retryJob', { params: { id } });
        context().terminal.result(job, () => `${job.id} waits for its turn.`, job.id);
      }),
    );
}

function listCommand(jobs: Command, context: () => Context): void {
  jobs
    .command('list')
    .description('jobs, newest first')
    .addOption(new Option('--status <status>', 'only these').choices(JOB_STATUSES))
    .option('--workspace <workspace>', 'only those about it')
    .option('-n, --lines <count>', 'how many, at most 200', '20')
    .action(({ status, workspace, lines }: { status?: string; workspace?: string; lines: string }) =>
      context().withApi(async (api) => {
        const { data } = await api.call('listJobs', { query: { limit: lines, status, workspaceId: workspace } });
        const ids = data.map(({ id }) => id).join('\n');
        context().terminal.result(data, () => (data.length === 0 ? 'No jobs.' : jobTable(data)), ids);
      }),
    );
}

/** A person sees how far it is; a script just waits. */
async function untilOver(api: Api, terminal: Terminal, id: string): Promise<JobShown> {
  for (;;) {
    const shown = await api.call('showJob', { params: { id } });
    const { status, progress } = shown.job;
    if (status !== 'queued' && status !== 'running') {
      terminal.endProgress();
      return shown;
    }
    if (progress !== null) terminal.progress(progress.done, progress.total, progress.step);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function jobTable(jobs: readonly JobView[]): string {
  const nowMs = Date.now();
  const rows = jobs.map((job) => [job.id, job.status, job.workspaceId ?? '-', ago(job.createdAt, nowMs), job.title]);
  return table(['ID', 'STATUS', 'WORKSPACE', 'MADE', 'QUESTION'], rows);
}

function describe({ job, result }: JobShown): string {
  const facts: [string, string][] = [
    ['id', job.id],
    ['status', job.status],
    ['workspace', job.workspaceId ?? '-'],
    ['question', job.title],
    ['made', `${job.createdAt} by ${job.createdBy}`],
    ['ended', job.finishedAt ?? '-'],
    ['runs', String(job.attempts)],
    ...(job.error === null ? [] : [['error', `${job.error.code}: ${job.error.detail}`] as [string, string]]),
  ];
  const head = facts.map(([name, value]) => `${name.padEnd(9)}  ${oneLine(value)}`).join('\n');
  return result === null ? head : `${head}\n\n${result.answer}`;
}
