import type { Command } from 'commander';
import type { Context } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { oneLine } from '../terminal.js';
import { adoptCommand, listEnvKeys } from './env-keys.js';
import { type Family, familyCommands } from './key-family.js';
import { parseList, readToken, typeOption } from './key-options.js';
import { IN_ARGUMENT } from './key-output.js';

const API_KEYS: Family = {
  command: 'keys',
  description: 'make, list, rotate and end API keys',
  one: 'a key',
  many: 'keys',
  examples:
    '  gatehouse keys create ci --type ci --expires 90d --scopes ask:run\n  KEY=$(gatehouse keys create agent --workspaces example -q)',
  list: 'listKeys',
  create: 'createKey',
  show: 'showKey',
  usage: 'showKeyUsage',
  update: 'updateKey',
  rotate: 'rotateKey',
  revoke: 'revokeKey',
  addOptions: (command, act) => void (act === 'create' && command.addOption(typeOption())),
  fields: ({ type }) => (type === undefined ? {} : { type }),
  listEnvironment: listEnvKeys,
};

const SERVICE_KEYS: Family = {
  command: 'service-keys',
  description: 'keys of the organization for CI and internal tools',
  one: 'a service key',
  many: 'service keys',
  examples: '  gatehouse service-keys create deploy --scopes keys:read,keys:write --expires 90d',
  list: 'listServiceKeys',
  create: 'createServiceKey',
  show: 'showServiceKey',
  usage: 'showServiceKeyUsage',
  update: 'updateServiceKey',
  rotate: 'rotateServiceKey',
  revoke: 'revokeServiceKey',
};

const MCP_TOKENS: Family = {
  command: 'mcp-tokens',
  description: 'tokens for AI clients, good for MCP alone',
  one: 'an MCP token',
  many: 'MCP tokens',
  examples: '  gatehouse mcp-tokens create laptop --workspaces example --read-only',
  list: 'listMcpTokens',
  create: 'createMcpToken',
  show: 'showMcpToken',
  usage: 'showMcpTokenUsage',
  update: 'updateMcpToken',
  rotate: 'rotateMcpToken',
  revoke: 'revokeMcpToken',
  addOptions: (command) =>
    void command
      .option('--tools <list>', 'tools it may call, or all (default: all that its scopes allow)')
      .option('--read-only', 'only tools that change nothing')
      .option('--no-read-only', 'tools that change things, too'),
  fields: ({ tools, readOnly }) => ({
    ...(typeof tools === 'string' ? { tools: tools === 'all' ? null : parseList(tools) } : {}),
    ...(readOnly === undefined ? {} : { readOnly }),
  }),
};

/** Every kind of key that Gatehouse issues, for commands that take any. */
export const FAMILIES: readonly Family[] = [API_KEYS, SERVICE_KEYS, MCP_TOKENS];

export function keyCommands(program: Command, context: () => Context): void {
  const keys = familyCommands(program, context, API_KEYS);
  verifyCommand(keys, context);
  adoptCommand(keys, context);
  familyCommands(program, context, SERVICE_KEYS);
  familyCommands(program, context, MCP_TOKENS);
}

function verifyCommand(keys: Command, context: () => Context): void {
  keys
    .command('verify')
    .description('say whether a key on standard input is valid, and if not, why; exit 7 when not')
    .allowExcessArguments()
    .option('--token-file <file>', 'read the key from a file')
    .option('--scopes <list>', 'scopes it must hold', parseList)
    .option('--ip <address>', 'the address it comes from')
    .option('--origin <origin>', 'the page it comes from')
    .action((options: { tokenFile?: string; scopes?: string[]; ip?: string; origin?: string }, { args }: Command) => {
      if (args.length > 0) throw new CommandError(EXIT.usage, IN_ARGUMENT);
      return context().withApi(async (api) => {
        const { terminal } = context();
        const token = await readToken(options, terminal);
        const found = await api.call('verifyKey', {
          body: {
            token,
            ...(options.scopes === undefined ? {} : { scopes: options.scopes }),
            ...(options.ip === undefined ? {} : { address: options.ip }),
            ...(options.origin === undefined ? {} : { origin: options.origin }),
          },
        });
        const missing = found.missingScopes === undefined ? '' : ` (${found.missingScopes.join(', ')})`;
        terminal.result(
          found,
          () =>
            `${found.code}${missing}${found.key === undefined ? '' : `  ${found.key.id}  ${oneLine(found.key.name)}`}`,
          found.code,
        );
        if (!found.valid) throw new CommandError(EXIT.checkFailed, '');
      });
    });
}
