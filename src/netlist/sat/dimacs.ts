// DIMACS CNF in and out. Refuses headers that promise more than the text holds, and literals out of range.

import { InputError } from '../../core/errors.ts';
import type { Solver } from './solver.ts';

export interface Cnf {
  variableCount: number;
  clauses: Int32Array[];
}

const largestVariable = 0x3fffffff;

/**
 * Parses DIMACS CNF. Comments (`c`) anywhere, clauses over several lines, an optional final `%` as in SATLIB files.
 * @throws InputError naming the line
 */
export function parseDimacs(text: string, file?: string | undefined): Cnf {
  let variableCount = -1;
  let promised = 0;
  const clauses: Int32Array[] = [];
  let open: number[] = [];
  let line = 0;
  for (const raw of text.split('\n')) {
    line++;
    const content = raw.trim();
    if (content === '' || content.startsWith('c')) continue;
    if (content.startsWith('%')) break;
    const fail = (problem: string, expected: string): never => {
      throw new InputError(problem, { file, line, expected });
    };
    if (content.startsWith('p')) {
      const match = /^p\s+cnf\s+(\d+)\s+(\d+)$/.exec(content);
      if (match === null || variableCount >= 0) fail('a bad problem line', "one 'p cnf VARIABLES CLAUSES'");
      variableCount = Number(match![1]);
      promised = Number(match![2]);
      if (variableCount > largestVariable) fail('too many variables', `at most ${largestVariable}`);
      if (promised * 2 > text.length) fail(`${promised} clauses promised`, 'no more than the file can hold');
      continue;
    }
    if (variableCount < 0) fail('a clause before the problem line', "'p cnf VARIABLES CLAUSES'");
    for (const word of content.split(/\s+/)) {
      const literal = Number(word);
      if (!/^-?\d+$/.test(word)) fail(`'${word}' in a clause`, 'integers');
      if (Math.abs(literal) > variableCount) fail(`literal ${word}`, `±1 to ±${variableCount}, or 0`);
      if (literal === 0) {
        clauses.push(Int32Array.from(open));
        open = [];
      } else open.push(literal);
    }
  }
  if (variableCount < 0)
    throw new InputError('no problem line', { file, expected: "'p cnf VARIABLES CLAUSES'" });
  if (open.length > 0) throw new InputError('the last clause is not ended', { file, line, expected: '0' });
  if (clauses.length !== promised) {
    throw new InputError(`${clauses.length} clauses`, { file, line, expected: `${promised} as promised` });
  }
  return { variableCount, clauses };
}

export function formatDimacs(cnf: Cnf): string {
  const lines = [`p cnf ${cnf.variableCount} ${cnf.clauses.length}`];
  for (const clause of cnf.clauses) lines.push(`${clause.join(' ')}${clause.length > 0 ? ' ' : ''}0`);
  return `${lines.join('\n')}\n`;
}

/** Variables 1..n and the clauses, into a solver that has no variables yet. */
export function loadCnf(solver: Solver, cnf: Cnf): void {
  while (solver.variableCount < cnf.variableCount && !solver.outOfMemory) solver.newVariable();
  for (const clause of cnf.clauses) solver.addClause(clause);
}
