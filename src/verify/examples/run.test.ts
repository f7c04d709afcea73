import { expect, test } from 'vitest';
import { engines } from '../../engines/index.ts';
import { asExpected, runExample } from './run.ts';
import { examples } from './table.ts';

const options = { timeoutSeconds: 30, randomCycles: 20_000 };
const named = (name: string) => examples.find(e => e.name === name)!;

test.each(['accumulator, bug', 'credit_loop, bug', 'skid pipeline of 8', 'arbiter, bug 3'])(
  '%s gets its verdicts',
  { timeout: 60_000 },
  async name => {
    const example = named(name);
    const rows = await runExample(example, engines, options);
    expect(rows.map(r => r.property)).toEqual(
      Object.keys(example.expected).flatMap(p =>
        p === 'P2' && example.compositional !== true ? ['P2', 'P2-live'] : [p],
      ),
    );
    for (const row of rows) {
      expect([row.property, row.verdict, asExpected(row, example)]).toEqual([
        row.property,
        row.expected,
        true,
      ]);
      if (row.verdict === 'refuted') expect(row.traceLength).toBeGreaterThan(0);
      expect(row.randomCycles === null).toBe(row.expected === 'proved' || row.property === 'P2-live');
    }
  },
);

test('a verdict that differs, and a vacuous proof of a correct design, are noticed', async () => {
  const example = { ...named('garbage_latch'), expected: { P1: 'refuted' } as const };
  const [row] = await runExample(example, engines, { ...options, randomCycles: 0 });
  expect(row!.verdict).toBe('proved');
  expect(asExpected(row!, example)).toBe(false);
  const right = { ...example, expected: { P1: 'proved' } as const };
  expect(asExpected({ ...row!, expected: 'proved' }, right)).toBe(true);
  expect(asExpected({ ...row!, expected: 'proved', vacuous: true }, right)).toBe(false);
});
