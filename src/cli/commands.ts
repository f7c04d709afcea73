// The table of commands: name, summary for --help, and the module loaded only when the command runs.
// A name of two words is a subcommand of a group. One line a command, kept in the order --help shows.

import type { CommandSpec } from './context.ts';

export interface CommandEntry {
  name: string;
  summary: string;
  load(): Promise<{ command: CommandSpec }>;
}

export const groups: Record<string, string> = {};

export const commands: CommandEntry[] = [
  {
    name: 'format',
    summary: 'explain a number format',
    load: () => import('./commands/format.ts'),
  },
];
