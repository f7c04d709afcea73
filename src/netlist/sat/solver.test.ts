import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { formatDimacs, loadCnf, parseDimacs } from './dimacs.ts';
import { checkRup } from './rup.ts';
import { Solver } from './solver.ts';

/** Whether some assignment of n variables satisfies clauses and units. */
function bruteForce(
  n: number,
  clauses: readonly (readonly number[])[],
  units: readonly number[] = [],
): boolean {
  const holds = (bits: number, l: number): boolean => ((bits >> (Math.abs(l) - 1)) & 1) === (l > 0 ? 1 : 0);
  for (let bits = 0; bits < 1 << n; bits++) {
    if (units.every(l => holds(bits, l)) && clauses.every(c => c.some(l => holds(bits, l)))) return true;
  }
  return false;
}

function randomClauses(random: Random, n: number, m: number, width = 3): number[][] {
  return Array.from({ length: m }, () =>
    Array.from({ length: width }, () => (1 + random.below(n)) * (random.below(2) === 0 ? 1 : -1)),
  );
}

function pigeons(holes: number): { n: number; clauses: number[][] } {
  const v = (p: number, h: number): number => p * holes + h + 1;
  const clauses: number[][] = [];
  for (let p = 0; p <= holes; p++) clauses.push(Array.from({ length: holes }, (_, h) => v(p, h)));
  for (let h = 0; h < holes; h++)
    for (let p = 0; p <= holes; p++) for (let q = 0; q < p; q++) clauses.push([-v(p, h), -v(q, h)]);
  return { n: (holes + 1) * holes, clauses };
}

function make(n: number, clauses: readonly number[][], proof = false): Solver {
  const solver = new Solver({ proof });
  for (let i = 0; i < n; i++) solver.newVariable();
  for (const clause of clauses) solver.addClause(clause);
  return solver;
}

test('random 3-SAT agrees with brute force; models satisfy, refutations are proved', () => {
  const random = new Random(11);
  const answers = { sat: 0, unsat: 0, unknown: 0 };
  for (let round = 0; round < 250; round++) {
    const n = 3 + random.below(10);
    const clauses = randomClauses(random, n, Math.round(n * (3.5 + 2 * random.uniform())));
    const solver = make(n, clauses, true);
    const answer = solver.solve();
    answers[answer]++;
    expect(answer).toBe(bruteForce(n, clauses) ? 'sat' : 'unsat');
    if (answer === 'sat') expect(clauses.every(c => c.some(l => solver.value(l)))).toBe(true);
    else expect(checkRup(clauses, solver.takeProof())).toBe(-1);
  }
  expect(answers.sat).toBeGreaterThan(50);
  expect(answers.unsat).toBeGreaterThan(50);
});

test('pigeons do not fit, and the proof checks', () => {
  const { n, clauses } = pigeons(5);
  const solver = make(n, clauses, true);
  expect(solver.solve()).toBe('unsat');
  expect(checkRup(clauses, solver.takeProof())).toBe(-1);
  const { n: m, clauses: more } = pigeons(7);
  expect(make(m, more).solve()).toBe('unsat');
});

test('a false proof is refused', () => {
  expect(checkRup([[1, 2]], [{ deletion: false, literals: Int32Array.of(1) }])).toBe(0);
  expect(checkRup([[1, 2]], [])).toBe(0);
});

test('incremental solving under assumptions agrees with brute force, and cores suffice', () => {
  const n = 8;
  const literal = fc.tuple(fc.integer({ min: 1, max: n }), fc.boolean()).map(([v, s]) => (s ? v : -v));
  const step = fc.record({
    clauses: fc.array(fc.array(literal, { minLength: 1, maxLength: 4 }), { maxLength: 8 }),
    assumptions: fc.array(literal, { maxLength: 6 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), steps => {
      const solver = make(n, []);
      const all: number[][] = [];
      for (const { clauses, assumptions } of steps) {
        for (const clause of clauses) {
          solver.addClause(clause);
          all.push(clause);
        }
        const answer = solver.solve(assumptions);
        expect(answer).toBe(bruteForce(n, all, assumptions) ? 'sat' : 'unsat');
        if (answer === 'sat') {
          expect(assumptions.every(l => solver.value(l))).toBe(true);
          expect(all.every(c => c.some(l => solver.value(l)))).toBe(true);
        } else {
          const core = solver.core();
          expect(core.every(l => assumptions.includes(l))).toBe(true);
          expect(bruteForce(n, all, core)).toBe(false);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('hard instances go through reductions and arena compaction, and stay right', () => {
  const random = new Random(5);
  const clauses = randomClauses(random, 170, 740);
  const solver = make(170, clauses);
  const answer = solver.solve();
  const statistics = solver.statistics();
  expect(statistics.reductions).toBeGreaterThan(0);
  if (answer === 'sat') expect(clauses.every(c => c.some(l => solver.value(l)))).toBe(true);
  // the same clauses again with the same answer and the same search: deterministic
  const again = make(170, clauses);
  expect(again.solve()).toBe(answer);
  expect(again.statistics().conflicts).toBe(statistics.conflicts);
  // sliced by a conflict budget, the answer is the same
  const sliced = make(170, clauses);
  let verdict = sliced.solve([], { conflicts: 100 });
  expect(verdict).toBe('unknown');
  for (let i = 0; verdict === 'unknown' && i < 100; i++) verdict = sliced.solve([], { conflicts: 5000 });
  expect(verdict).toBe(answer);
});

test('past its memory the answer is unknown, and stays so', () => {
  const { n, clauses } = pigeons(11);
  const solver = new Solver({ memoryLimit: 2 ** 20 });
  for (let i = 0; i < n; i++) solver.newVariable();
  for (const clause of clauses) solver.addClause(clause);
  expect(solver.solve([], { conflicts: 200_000 })).toBe('unknown');
  expect(solver.outOfMemory).toBe(true);
  expect(solver.solve()).toBe('unknown');
  expect(() => solver.value(1)).toThrow('no model');
});

test('literals out of range are refused', () => {
  const solver = make(3, []);
  for (const bad of [0, 4, -4, 1.5, Number.NaN]) expect(() => solver.addClause([bad])).toThrow('expected');
  expect(() => new Solver({ memoryLimit: 1 })).toThrow('memory limit');
});

test('DIMACS round trip, and mangled files give one-line errors', () => {
  const random = new Random(3);
  const cnf = { variableCount: 9, clauses: randomClauses(random, 9, 20).map(c => Int32Array.from(c)) };
  const text = formatDimacs(cnf);
  expect(parseDimacs(`c hello\n${text}`)).toEqual(cnf);
  const solver = new Solver();
  loadCnf(solver, cnf);
  expect(solver.solve()).toBe(
    bruteForce(
      9,
      cnf.clauses.map(c => [...c]),
    )
      ? 'sat'
      : 'unsat',
  );
  expect(() => parseDimacs('p cnf 3 999999999999\n1 0\n')).toThrow('line 1');
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 4 }), (at, patch) => {
      const mangled = text.slice(0, at) + patch + text.slice(at + patch.length);
      try {
        const parsed = parseDimacs(mangled, 'x.cnf');
        for (const c of parsed.clauses)
          for (const l of c) expect(Math.abs(l)).toBeLessThanOrEqual(parsed.variableCount);
      } catch (error) {
        expect((error as Error).name).toBe('InputError');
        expect((error as Error).message).toMatch(/^x\.cnf/);
      }
    }),
  );
});
