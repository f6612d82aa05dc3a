import type { Command } from 'commander';
import type { Explanation } from '../../contract/explain.js';
import type { Context } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { oneLine, type Terminal } from '../terminal.js';
import { readToken } from './key-options.js';
import { IN_ARGUMENT, idOfAny, refuseKeyInArgument } from './key-output.js';
import { FAMILIES } from './keys.js';

interface ExplainOptions {
  tokenStdin?: boolean;
  tokenFile?: string;
  key?: string;
  ip?: string;
  peer?: string;
  header: Record<string, string[]>;
  upstream?: boolean;
}

export function explainCommand(program: Command, context: () => Context): void {
  program
    .command('explain')
    .description('say step by step why a request would be let in or refused; exit 7 when refused')
    .argument('<method>', 'such as GET')
    .argument('<path>', 'with its query')
    .option('--token-stdin', 'judge the key or JWT on standard input')
    .option('--token-file <file>', 'judge the one in a file')
    .option('--key <key>', 'judge a key by its id or name, without having it at hand')
    .option('--ip <address>', "the client's address")
    .option('--peer <address>', 'who opens the connection; the client is then found through --header X-Forwarded-For')
    .option(
      '--header <header>',
      'a header that is sent, such as "X-Forwarded-For: 203.0.113.5"; repeat it',
      addHeader,
      {},
    )
    .option('--upstream', 'a request to an app behind Gatehouse')
    .addHelpText(
      'after',
      '\nExamples:\n  gatehouse explain POST /api/ask --key ci --ip 203.0.113.5\n  gatehouse explain GET /api/keys --token-stdin < key.txt',
    )
    .action((method: string, path: string, options: ExplainOptions) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        refuseKeyInArgument(path);
        const { key, ip, peer, header, upstream } = options;
        const keyId = key === undefined ? undefined : await idOfAny(api, FAMILIES, key);
        const found = await api.call('explain', {
          body: {
            method: method.toUpperCase(),
            path,
            ...(keyId === undefined ? await tokenOf(options, terminal) : { keyId }),
            ...(ip === undefined ? {} : { ip }),
            ...(peer === undefined ? {} : { peer }),
            ...(Object.keys(header).length === 0 ? {} : { headers: header }),
            ...(upstream === true ? { door: 'upstream' } : {}),
          },
        });
        terminal.result(found, () => describe(found), found.code);
        if (!found.allow) throw new CommandError(EXIT.checkFailed, '');
      }),
    );
}

/** No credential where none is given: the owner of the files, who asks, would always be let in. */
async function tokenOf(options: ExplainOptions, terminal: Terminal): Promise<{ token: string | null }> {
  if (options.tokenStdin !== true && options.tokenFile === undefined) return { token: null };
  return { token: await readToken(options, terminal) };
}

function addHeader(text: string, headers: Record<string, string[]>): Record<string, string[]> {
  const colon = text.indexOf(':');
  const name = text.slice(0, Math.max(0, colon)).trim();
  if (name === '') throw new CommandError(EXIT.usage, '--header: write it like "X-Forwarded-For: 203.0.113.5".');
  if (['authorization', 'x-api-key', 'cookie'].includes(name.toLowerCase()))
    throw new CommandError(
      EXIT.usage,
      `--header ${name}: ${IN_ARGUMENT.replace('--token-file', '--token-stdin or --token-file')}`,
    );
  const value = text.slice(colon + 1).trim();
  refuseKeyInArgument(value);
  return { ...headers, [name]: [...(headers[name] ?? []), value] };
}

const MARKS = { pass: '✓', skip: '·', fail: '✗' } as const;

function describe({ allow, status, code, steps, firstFailure, policy }: Explanation): string {
  const verdict = allow ? `allowed  ${status}` : `refused  ${status} ${code}`;
  const width = Math.max(...steps.map(({ step }) => step.length));
  const lines = steps.map(({ step, outcome, words }) => `  ${MARKS[outcome]} ${step.padEnd(width)}  ${oneLine(words)}`);
  const asks = [
    policy.operatorOnly ? 'operators' : policy.authModes.join(', '),
    policy.scopes.length === 0 ? 'no scopes' : policy.scopes.join(', '),
  ].join('; ');
  const remedy = firstFailure === null ? [] : ['', `What to do: ${oneLine(firstFailure.remedy)}`];
  return [verdict, '', ...lines, '', `${policy.id} asks for ${asks}.`, ...remedy].join('\n');
}
