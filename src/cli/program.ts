// The command line: builds the parser from the table, runs one command, turns errors into one line and an exit code.
// Refuses to know what any command does.

import { Command, CommanderError } from 'commander';
import { AbortedError, BitwrightError, UsageError } from '../core/errors.ts';
import { requireFolder } from '../core/files.ts';
import { packageVersion } from '../core/places.ts';
import { nearestSpelling } from '../core/spelling.ts';
import { onStop } from './allocator.ts';
import { type CommandEntry, commands, groups } from './commands.ts';
import { addCommonOptions, type CommonOptions, createContext } from './context.ts';
import { guardOutput, systemError } from './output.ts';

/** Runs one command line. @returns the exit code */
export async function main(argv: string[]): Promise<number> {
  const debug = argv.includes('--debug');
  guardOutput();
  const controller = new AbortController();
  let exitCode = 0;
  const program = await buildProgram(argv, async (entry, positional, options) => {
    if (entry.synchronous !== true) {
      onStop(again => {
        if (again) process.exit(130);
        controller.abort();
      });
    }
    const context = createContext(entry.name, options as unknown as CommonOptions, controller.signal);
    const { command } = await entry.load();
    if (context.options.out !== undefined) requireFolder(context.options.out);
    await command.run(positional, options, context);
    exitCode = context.exitCode;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, debug);
  }
}

type Runner = (entry: CommandEntry, positional: string[], options: Record<string, unknown>) => Promise<void>;

/** Only the command named on the line is loaded and configured; the others show their summary in --help. */
async function buildProgram(argv: string[], run: Runner): Promise<Command> {
  const program = new Command('bitwright');
  prepare(program);
  program
    .version(packageVersion(), '--version', 'print the version')
    .description('Name the number format once; get the accuracy, the silicon cost, the RTL and the proof.');
  const words = argv.filter(word => !word.startsWith('-'));
  const parents = new Map<string, Command>();
  for (const entry of commands) {
    const [first, second] = entry.name.split(' ') as [string, string | undefined];
    if (second !== undefined && !parents.has(first)) {
      const group = program.command(first).description(groups[first]!);
      prepare(group);
      parents.set(first, group);
    }
    const parent = second === undefined ? program : parents.get(first)!;
    const command = parent.command(second ?? first).description(entry.summary);
    prepare(command);
    if (words[0] !== first || (second !== undefined && words[1] !== second)) continue;
    const { command: spec } = await entry.load();
    await spec.configure(command, argv.slice(argv.indexOf(second ?? first) + 1));
    addCommonOptions(command);
    command.action((...args: unknown[]) => {
      const positional = (args.slice(0, -2) as (string | string[] | undefined)[])
        .flat()
        .filter((x): x is string => x !== undefined);
      return run(entry, positional, args[args.length - 2] as Record<string, unknown>);
    });
  }
  return program;
}

function prepare(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => {} });
  command.showHelpAfterError(false);
}

function report(thrown: unknown, debug: boolean): number {
  const error = systemError(thrown) ?? thrown;
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    if (error.code === 'commander.help') return 2;
    const unknownCommand = /unknown command '([^']*)'/.exec(error.message);
    const names = commands.flatMap(entry => [entry.name, ...entry.name.split(' ').slice(1)]);
    const usage = unknownCommand
      ? new UsageError(`unknown command '${unknownCommand[1]}'`, {
          expected: "a command of 'bitwright --help'",
          nearest: nearestSpelling(unknownCommand[1]!, [...names, ...Object.keys(groups)]),
        })
      : new UsageError(
          error.message.replace(/^error: /, '').replace(/\n\(Did you mean (.*)\?\)/, "; did you mean '$1'?"),
        );
    process.stderr.write(`bitwright: ${usage.message}\n`);
    return 2;
  }
  if (error instanceof BitwrightError) {
    process.stderr.write(`bitwright: ${debug ? (error.stack ?? error.message) : error.message}\n`);
    return error.exitCode;
  }
  if (error instanceof Error && error.name === 'AbortError')
    return report(new AbortedError('stopped'), debug);
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  process.stderr.write(
    `bitwright: internal error: ${debug ? (stack ?? message) : `${message.split('\n')[0]}; run again with --debug`}\n`,
  );
  return 4;
}
