// What every command is handed: the common options, progress, the abort signal, and the two ways to answer.
// Refuses to print anything but the result object on stdout when --json is given.

import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { UsageError } from '../core/errors.ts';
import { packageVersion } from '../core/places.ts';
import { type ProgressFactory, terminalProgress } from '../core/progress.ts';

export interface CommonOptions {
  json?: boolean;
  out?: string;
  seed: number;
  threads: number;
  quiet?: boolean;
  debug?: boolean;
}

export interface CommandContext {
  options: CommonOptions;
  progress: ProgressFactory;
  /** Aborted on Ctrl-C and SIGTERM; long work checks it and throws AbortedError after cleaning up. */
  signal: AbortSignal;
  /** Human-readable lines on stdout; nothing under --json. */
  print(text: string): void;
  /** Warnings and notes on stderr; nothing under --quiet. */
  note(text: string): void;
  /** The result object: on stdout under --json with `schema`, `command` and `version` added, else nothing. */
  result(fields: Record<string, unknown>): void;
  /** Ends the command with this exit code once it returns (1: the answer is no). */
  exitCode: number;
}

/** One command, one file: `configure` declares arguments and options, `run` parses, calls, prints. */
export interface CommandSpec {
  summary: string;
  /** @param words the command line after the command's name, for help that depends on it */
  configure(command: Command, words: readonly string[]): void | Promise<void>;
  run(positional: string[], options: Record<string, unknown>, context: CommandContext): Promise<void>;
}

export function addCommonOptions(command: Command): void {
  command
    .option('--json', 'print the result object alone on stdout')
    .option('--out <dir>', 'folder for artefacts')
    .option(
      '--seed <n>',
      'seed of every random choice',
      integerOption('--seed', 0, Number.MAX_SAFE_INTEGER),
      1,
    )
    .option(
      '--threads <n>',
      'worker threads',
      integerOption('--threads', 1, 256),
      Math.max(1, availableParallelism()),
    )
    .option('--quiet', 'no progress, no notes')
    .option('--debug', 'stack traces with errors');
}

/** A parser of integer options for commander. @throws UsageError outside [low, high] */
export function integerOption(name: string, low: number, high: number): (text: string) => number {
  return text => {
    const value = Number(text);
    if (!Number.isInteger(value) || text.trim() === '' || value < low || value > high) {
      throw new UsageError(`${name} got '${text}'`, { expected: `an integer from ${low} to ${high}` });
    }
    return value;
  };
}

/** A parser of real-valued options for commander. @throws UsageError outside [low, high] */
export function numberOption(name: string, low: number, high: number): (text: string) => number {
  return text => {
    const value = Number(text);
    if (!Number.isFinite(value) || text.trim() === '' || value < low || value > high) {
      throw new UsageError(`${name} got '${text}'`, { expected: `a number from ${low} to ${high}` });
    }
    return value;
  };
}

export function createContext(
  commandName: string,
  options: CommonOptions,
  signal: AbortSignal,
): CommandContext {
  return {
    options,
    signal,
    exitCode: 0,
    progress: terminalProgress({ quiet: options.quiet === true }),
    print(text) {
      if (options.json !== true) process.stdout.write(`${text}\n`);
    },
    note(text) {
      if (options.quiet !== true) process.stderr.write(`${text}\n`);
    },
    result(fields) {
      if (options.json !== true) return;
      const head = {
        schema: `bitwright/${commandName.replaceAll(' ', '-')}@1`,
        command: commandName,
        version: packageVersion(),
      };
      process.stdout.write(`${JSON.stringify({ ...head, ...fields }, undefined, 2)}\n`);
    },
  };
}
