import { expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { engines } from '../../engines/index.ts';
import { loadExample } from '../examples/load.ts';
import { verifyDesign } from '../run.ts';
import {
  bindStream,
  checkIntegrity,
  type IntegrityResult,
  integrityProblem,
  type StreamDesign,
  searchBursts,
} from './index.ts';

/** An example of assets/verify, bound as a stream block. */
async function stream(file: string, top: string, parameters: Record<string, number>): Promise<StreamDesign> {
  const { design, found } = await loadExample({ file, top, parameters });
  const bound = bindStream(design, found);
  if (typeof bound === 'string') throw new Error(bound);
  return bound;
}

/** The failing cycle of a refutation on the plain graph, by a queue of its own. */
function failsAt(design: StreamDesign, result: IntegrityResult): number {
  const { aig } = design;
  const random = new Random(3);
  const state = Uint8Array.from(result.trace!.initial, x => (x === 2 ? random.below(2) : x));
  const values = new Uint8Array(aig.variableCount);
  const read = (x: number): number => values[x >>> 1]! ^ (x & 1);
  const queues = design.inputs.map((): string[] => []);
  for (const [t, step] of result.trace!.steps.entries()) {
    values.set(step, 1);
    values.set(state, 1 + aig.inputCount);
    for (let i = 0; i < aig.andCount; i++) {
      values[aig.firstAnd + i] = read(aig.fanin0[i]!) & read(aig.fanin1[i]!);
    }
    design.inputs.forEach((c, s) => {
      if (read(c.valid) & read(c.ready)) queues[s]!.push(c.payload.map(read).join(''));
    });
    for (const c of design.outputs) {
      if ((read(c.valid) & read(c.ready)) === 0) continue;
      const word = c.payload.map(read).join('');
      const source = queues.findIndex(q => q[0] === word);
      if (source < 0) return t;
      queues[source]!.shift();
    }
    state.set(Uint8Array.from(aig.latchNext, read));
  }
  return -1;
}

test('a FIFO of 16 x 8 is proved within 10 s', async () => {
  const small = checkIntegrity(await stream('fifo.sv', 'fifo', { DEPTH: 16, W: 8 }));
  expect([small.verdict, small.vacuous, small.states, small.capacity]).toEqual(['proved', false, 272, 16]);
  expect(small.seconds).toBeLessThan(10);
});

test.each([
  ['skid_pipeline.sv', 'skid_pipeline', { STAGES: 3 }, 'proved', 6],
  ['axis_fifo_async_reset.v', 'axis_fifo_async_reset', { ADDR_WIDTH: 3 }, 'proved', 9],
  ['axis_register.v', 'axis_register', { DATA_WIDTH: 16 }, 'proved', 2],
  ['axis_mux.v', 'axis_mux', {}, 'proved', 1],
  ['arbiter.sv', 'arbiter', {}, 'proved', 1],
  ['credit_link.sv', 'credit_link', {}, 'proved', 3],
] as const)('%s %s %o is proved', async (file, top, parameters, verdict, capacity) => {
  const result = checkIntegrity(await stream(file, top, parameters));
  expect([result.verdict, result.vacuous, result.capacity]).toEqual([verdict, false, capacity]);
});

test.each([
  ['fifo.sv', 'fifo', { DEPTH: 5, W: 8, BUG: 1 }],
  ['fifo.sv', 'fifo', { DEPTH: 5, W: 8, BUG: 2 }],
  ['fifo.sv', 'fifo', { DEPTH: 5, W: 8, BUG: 3 }],
  ['skid_pipeline.sv', 'skid_pipeline', { STAGES: 3, BUG: 1 }],
  ['skid_pipeline.sv', 'skid_pipeline', { STAGES: 3, BUG: 2 }],
  ['skid_pipeline.sv', 'skid_pipeline', { STAGES: 3, BUG: 3 }],
  ['axis_register.v', 'axis_register', { DATA_WIDTH: 16, BUG: 1 }],
  ['arbiter.sv', 'arbiter', { BUG: 3 }],
  ['credit_link.sv', 'credit_link', { BUG: 2 }],
] as const)('%s %s %o is refuted by a run that fails in its last cycle', async (file, top, parameters) => {
  const design = await stream(file, top, parameters);
  const result = checkIntegrity(design);
  expect(result.verdict).toBe('refuted');
  expect(failsAt(design, result)).toBe(result.depth);
});

test('blocks that do not move words have no such question', async () => {
  await expect(stream('mode_register.sv', 'mode_register', {})).rejects.toThrow(/carries 1 bits/);
});

test.each([
  ['fifo.sv', 'fifo', { DEPTH: 2, W: 1 }],
  ['fifo.sv', 'fifo', { DEPTH: 3, W: 2, BUG: 1 }],
  ['fifo.sv', 'fifo', { DEPTH: 3, W: 2, BUG: 3 }],
  ['skid_pipeline.sv', 'skid_pipeline', { STAGES: 2, W: 2, BUG: 2 }],
  ['credit_link.sv', 'credit_link', { SLOTS: 2, W: 1 }],
] as const)(
  '%s %s %o: the engines agree on the monitor',
  { timeout: 60_000 },
  async (file, top, parameters) => {
    const design = await stream(file, top, parameters);
    const explored = checkIntegrity(design);
    const { aig } = integrityProblem(design)!;
    aig.check();
    const answer = await engines.checkSafety(aig, { bad: 0, timeoutSeconds: 50 });
    expect(answer.verdict).toBe(explored.verdict);
    // the search in breadth finds a shortest failure too
    if (explored.verdict === 'refuted') expect(explored.depth).toBeGreaterThanOrEqual(answer.depth);
  },
);

test('simulation in bursts reaches what is deep, and finds nothing in a correct block', async () => {
  const deep = await stream('skid_pipeline.sv', 'skid_pipeline', { STAGES: 12, W: 4, BUG: 3 });
  const failure = searchBursts(deep, { seconds: 2 });
  expect(failure!.trace.steps.length).toBeGreaterThan(12);
  expect(failsAt(deep, { trace: failure!.trace } as IntegrityResult)).toBe(failure!.trace.steps.length - 1);
  const right = await stream('skid_pipeline.sv', 'skid_pipeline', { STAGES: 12, W: 4 });
  expect(searchBursts(right, { seconds: 0.3 })).toBeUndefined();
});

test('P5 is a property like the others: verdict, failure, trace in the names of the design', async () => {
  const { design, found } = await loadExample({
    file: 'fifo.sv',
    top: 'fifo',
    parameters: { DEPTH: 5, BUG: 1 },
  });
  const [result] = await verifyDesign(design, found, engines, { properties: ['P5'] });
  expect([result!.property, result!.verdict]).toEqual(['P5', 'refuted']);
  const table = result!.trace!;
  expect(table.steps.length).toBe(result!.traceLength);
  expect(table.signals.map(s => s.name)).toContain('out_data');
  expect(table.signals.find(s => s.name === 'in_valid')).toMatchObject({ kind: 'valid', channel: 'in' });
  // the words offered are numbered 1, 2, 3 …
  const data = table.signals.findIndex(s => s.name === 'in_data');
  const valid = table.signals.findIndex(s => s.name === 'in_valid');
  const words = table.steps.flatMap(step => (step[valid] === 1n ? [step[data]] : []));
  expect(words[0]).toBe(1n);
  const other = await loadExample({ file: 'mode_register.sv', top: 'mode_register', parameters: {} });
  const [none] = await verifyDesign(other.design, other.found, engines, { properties: ['P5'] });
  expect(none!.reason).toMatch(/not a block that passes words on/);
});
