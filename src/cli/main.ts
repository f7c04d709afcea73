#!/usr/bin/env node
// Entry of the command line: heavy commands go to a child process (allocator.ts), all others run here.
// Loads little, so that the parent of a child starts it at once and stays small.

import { rerun } from './allocator.ts';

const argv = process.argv.slice(2);
process.exitCode = (await rerun(argv)) ?? (await (await import('./program.ts')).main(argv));
