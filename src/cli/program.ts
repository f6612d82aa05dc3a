import { Command, CommanderError } from 'commander';
import { isGatehouseError } from '../kernel/errors.js';
import { allowlistCommands } from './commands/allowlist.js';
import { askCommand } from './commands/ask.js';
import { auditCommands } from './commands/audit.js';
import { credentialCommands } from './commands/credentials.js';
import { doctorCommand } from './commands/doctor.js';
import { explainCommand } from './commands/explain.js';
import { jobCommands } from './commands/jobs.js';
import { FAMILIES, keyCommands } from './commands/keys.js';
import { lanTargetCommands } from './commands/lan-targets.js';
import { modelCommands } from './commands/models.js';
import { organizationCommands } from './commands/orgs.js';
import { overviewCommand } from './commands/overview.js';
import { promptCommands } from './commands/prompts.js';
import { requestsCommand } from './commands/requests.js';
import { routeCommands } from './commands/routes.js';
import { scopeCommands } from './commands/scopes.js';
import { secretKeyCommands } from './commands/secret-keys.js';
import { secretCommands } from './commands/secrets.js';
import { serveCommand } from './commands/serve.js';
import { setupCommand } from './commands/setup.js';
import { systemCommands } from './commands/system.js';
import { tokenCommands } from './commands/tokens.js';
import { usageCommand } from './commands/usage.js';
import { userCommands } from './commands/users.js';
import { variableCommands } from './commands/variables.js';
import { workspaceCommands } from './commands/workspaces.js';
import { type CliParts, Context } from './context.js';
import { CommandError, EXIT, exitCodeOf } from './exit-codes.js';
import { type Streams, type Style, Terminal } from './terminal.js';

/**
 * Runs one command line.
 * @param args - what follows the program's name
 * @returns the exit code
 */
export async function runCli(
  args: readonly string[],
  parts: CliParts,
  streams: Streams,
  noColor: boolean,
): Promise<number> {
  const style: Style = { json: false, quiet: false, color: false };
  const terminal = new Terminal(streams, style);
  const program = build(parts, streams, () => {
    const options = program.opts<{ json?: boolean; quiet?: boolean; color: boolean }>();
    style.json = options.json === true;
    style.quiet = options.quiet === true;
    style.color = options.color && !noColor && streams.words.isTTY === true;
    return new Context(terminal, parts);
  });
  try {
    if (args.length === 0) {
      program.outputHelp();
      return EXIT.ok;
    }
    await program.parseAsync([...args], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (error instanceof CommandError) {
      if (error.message !== '') terminal.fail(error.message);
      return error.exitCode;
    }
    if (isGatehouseError(error)) {
      terminal.fail(error.detail);
      return exitCodeOf(error.code);
    }
    terminal.fail(`Something went wrong here: ${error instanceof Error ? error.message : String(error)}`);
    return EXIT.failed;
  }
}

function build(parts: CliParts, streams: Streams, context: () => Context): Command {
  const program = new Command('gatehouse')
    .description('Keys for a local API: who may come in, and what they may ask.')
    .option('--json', 'print one JSON document: {data, warnings}')
    .option('-q, --quiet', 'print only the id or the secret')
    .option('--no-color', 'no colours (NO_COLOR does the same)')
    .version(parts.version, '-V, --version')
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for what there is)')
    .configureOutput({
      writeOut: (text) => streams.output.write(text),
      writeErr: (text) => streams.words.write(text),
    })
    .exitOverride()
    .addHelpText('after', firstScreen(parts.command));
  serveCommand(program, context);
  setupCommand(program, context);
  userCommands(program, context);
  keyCommands(program, context);
  tokenCommands(program, context);
  explainCommand(program, context);
  credentialCommands(program, context);
  secretCommands(program, context);
  variableCommands(program, context);
  secretKeyCommands(program, context);
  askCommand(program, context);
  jobCommands(program, context);
  workspaceCommands(program, context);
  promptCommands(program, context);
  modelCommands(program, context);
  lanTargetCommands(program, context);
  organizationCommands(program, context);
  overviewCommand(program, context);
  usageCommand(program, context, FAMILIES);
  requestsCommand(program, context, FAMILIES);
  routeCommands(program, context);
  scopeCommands(program, context);
  allowlistCommands(program, context);
  auditCommands(program, context);
  doctorCommand(program, context);
  systemCommands(program, context);
  return program;
}

function firstScreen(command: string): string {
  return `
First steps:
  ${command} keys create my-first-key      make a key; it is printed once
  ${command} ask example "How does this code work?"
  ${command} keys list                     what there is, and when it was last used
  ${command} explain GET /api/keys         why a request would be let in or refused
  ${command} audit tail                    who did what, and what was refused
  ${command} setup                         let people sign in: make the first administrator

Commands talk to the server that runs on this folder, or open the folder themselves when none runs.
Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 denied, 5 conflict or locked, 6 unreachable, 7 check failed.`;
}
