// Is the RTL the golden model? A million streamed transactions under random stalls against the integers of the model,
// every input where there are few, and a SAT proof against the second description. Refuses to call a timeout a proof.

import { noProgress, type ProgressFactory } from '../core/progress.ts';
import { Random } from '../core/random.ts';
import type { Aig } from '../netlist/aig.ts';
import type { RtlFile } from '../synthesis/rtl.ts';
import { exhaustiveBatch } from './exhaustive.ts';
import { sliceBatch } from './payload.ts';
import type { ProofResult } from './proof.ts';
import { readForProof, readGatesForProof } from './proof-graph.ts';
import { startProof } from './proof-twice.ts';
import { StreamDriver, type StreamResult } from './stream.ts';
import type { Batch, Unit } from './unit.ts';

export interface EquivalenceOptions {
  /** Transactions simulated at least. Default 1 048 576. */
  vectors?: number | undefined;
  seed?: number | undefined;
  /** Seconds the SAT proof may take; 0 leaves it out. Default 8. */
  proofSeconds?: number | undefined;
  /** RTL to check instead of the unit's own files. */
  files?: readonly RtlFile[] | undefined;
  /** A graph to check instead of RTL: a mapped netlist, a mutant. */
  aig?: Aig | undefined;
  /** Vectors of a test bench to be simulated too, and what it says they give. */
  bench?: { inputs: Batch; outputs: Batch } | undefined;
  progress?: ProgressFactory | undefined;
  signal?: AbortSignal | undefined;
}

/** The first output that is not the model's. */
export interface Mismatch {
  /** What is wrong, in one line. */
  problem: string;
  /** Input transactions of that trace from reset up to the output, the last ones at most 16. */
  inputs: Record<string, number[]>[];
  /** Output transaction of the RTL, and of the model; null where one of them has none. */
  got: Record<string, number[]> | null;
  expected: Record<string, number[]> | null;
}

export interface EquivalenceReport {
  /** The graph that was checked, as read from the RTL or given. */
  graph: Aig;
  verdict: 'equivalent' | 'different';
  /** Input transactions simulated, output transactions compared, clock cycles × traces. */
  transactions: number;
  outputs: number;
  cycles: number;
  /** True when every legal input transaction was among them. */
  exhaustive: boolean;
  mismatch?: Mismatch | undefined;
  proof?: ProofResult | undefined;
  /** Size of the graph. */
  ands: number;
  registers: number;
  /** The proof runs beside the simulation. */
  seconds: { synthesis: number; simulation: number; proof: number; total: number };
}

/** Transactions of one round, over all traces: 256 each fill pipelines and short accumulations. */
const roundTransactions = 131_072;

/**
 * Checks a unit.
 * @throws InputError when the RTL cannot be read or lacks a port, AbortedError
 */
export async function checkEquivalence(
  unit: Unit,
  options: EquivalenceOptions = {},
): Promise<EquivalenceReport> {
  const begin = performance.now();
  const since = (start: number): number => (performance.now() - start) / 1000;
  const { proofSeconds = 8 } = options;
  const files = options.files ?? unit.files;
  const { reference } = unit;
  const proves = proofSeconds > 0 && reference !== undefined;
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]);
  try {
    const [own, second] = await Promise.all([
      options.aig === undefined || proves ? readForProof(files, unit.name, signal) : undefined,
      proves ? readGatesForProof(reference, unit.name, signal) : undefined,
    ]);
    const aig = options.aig ?? own!.aig;
    const synthesis = since(begin);
    const proofStart = performance.now();
    // beside the simulation, which holds this thread
    const proving =
      second === undefined
        ? undefined
        : startProof(
            {
              ...{ top: unit.name, input: unit.input, seconds: proofSeconds },
              unit: { files, gates: own!.gates },
              reference: { files: reference!, gates: second },
              aig: options.aig === undefined ? undefined : { ...options.aig },
            },
            signal,
          );
    proving?.catch(() => undefined);
    const simulationStart = performance.now();
    const simulated = simulateUnit(unit, aig, options);
    const simulation = since(simulationStart);
    const proof = simulated.mismatch === undefined ? await proving : undefined;
    return {
      graph: aig,
      verdict: simulated.mismatch === undefined && proof?.verdict !== 'refuted' ? 'equivalent' : 'different',
      ...simulated,
      proof,
      ands: aig.andCount,
      registers: aig.latchCount,
      seconds: {
        synthesis,
        simulation,
        proof: proof === undefined ? 0 : since(proofStart),
        total: since(begin),
      },
    };
  } finally {
    stop.abort();
  }
}

interface Simulated {
  transactions: number;
  outputs: number;
  cycles: number;
  exhaustive: boolean;
  mismatch?: Mismatch | undefined;
}

/** The simulation part: rounds of random streams, then every input where the unit has few and no memory of the past. */
export function simulateUnit(unit: Unit, aig: Aig, options: EquivalenceOptions = {}): Simulated {
  const { vectors = 1_048_576, seed = 1, signal } = options;
  const driver = new StreamDriver(aig, unit.input, unit.output);
  const narrow = new StreamDriver(aig, unit.input, unit.output, 4);
  const random = new Random(seed);
  const all = exhaustiveBatch(unit.input);
  const result: Simulated = { transactions: 0, outputs: 0, cycles: 0, exhaustive: false };
  const bar = (options.progress ?? noProgress)('simulate', vectors, ' vectors');
  let rounds = 0;
  const silence = Math.max(64, 4 * unit.latency + 16);
  const round = (batch: Batch, traces: number, by = driver): boolean => {
    const run = by.run(batch, { seed: random.uint32(), traces, silence, signal });
    result.transactions += batch.count;
    result.outputs += run.tokens.count;
    result.cycles += run.cycles * traces;
    result.mismatch = compare(unit, batch, run);
    bar.update(result.transactions);
    return result.mismatch === undefined;
  };
  try {
    if (options.bench !== undefined) {
      const { inputs, outputs } = options.bench;
      if (!round(inputs, 1, narrow)) return result;
      result.mismatch = staleBench(unit, inputs, outputs);
      if (result.mismatch !== undefined) return result;
    }
    if (all !== undefined) {
      for (let at = 0; at < all.count; at += roundTransactions) {
        const part = sliceBatch(unit.input, all, at, Math.min(all.count, at + roundTransactions));
        if (!round(part, driver.traces)) return result;
      }
      result.exhaustive = true;
    }
    // one long stream first: deep accumulations do not fit the short traces
    if (!round(unit.stimuli(random, 8192), 4, narrow)) return result;
    while (result.transactions < vectors) {
      const share = Math.min(Math.ceil(vectors / 4), vectors - result.transactions);
      const count = Math.min(roundTransactions, Math.max(share, 4096));
      // every fourth round any legal codes at all: what is rare in real streams and no corner either
      const uniform = ++rounds % 4 === 0;
      const batch = uniform ? anyBatch(unit, random, count) : unit.stimuli(random, count);
      if (!round(batch, driver.traces)) return result;
    }
    return result;
  } finally {
    bar.end();
  }
}

/** Independent legal codes, every one as likely. */
function anyBatch(unit: Unit, random: Random, count: number): Batch {
  const fields: Record<string, Float64Array> = {};
  for (const { name, lanes, bits, signed, low, high } of unit.input.fields) {
    const least = low ?? (signed ? -(2 ** (bits - 1)) : 0);
    const most = high ?? 2 ** (signed ? bits - 1 : bits) - 1;
    const span = most - least + 1;
    const values = new Float64Array(count * lanes);
    for (let i = 0; i < values.length; i++) {
      values[i] = least + (span <= 0x100000000 ? random.below(span) : Math.floor(random.uniform() * span));
    }
    fields[name] = values;
  }
  return { count, fields };
}

/** The first difference of a run from the golden model, trace by trace. */
function compare(unit: Unit, batch: Batch, run: StreamResult): Mismatch | undefined {
  const traces = run.inputStarts.length - 1;
  for (let t = 0; t < traces; t++) {
    const from = run.inputStarts[t]!;
    const to = run.inputStarts[t + 1]!;
    const expected = unit.golden(sliceBatch(unit.input, batch, from, to));
    const first = run.tokenStarts[t]!;
    const count = run.tokenStarts[t + 1]! - first;
    const different = firstDifferent(unit, { batch: run.tokens, first, count }, expected);
    if (different !== undefined) {
      const { k, name, lane, lanes, got, want } = different;
      const value = `${name}${lanes > 1 ? `[${lane}]` : ''} is ${got}`;
      return mismatch(`output ${k} of a trace: ${value}, not ${want}`, k);
    }
    if (count !== expected.count) {
      const k = Math.min(count, expected.count);
      return mismatch(`a trace gave ${count} outputs, not ${expected.count}`, k);
    }
    function mismatch(problem: string, k: number): Mismatch {
      const cause = inputsUpTo(unit, sliceBatch(unit.input, batch, from, to), k);
      return {
        problem,
        inputs: cause,
        got: k < count ? row(unit.output, run.tokens, first + k) : null,
        expected: k < expected.count ? row(unit.output, expected, k) : null,
      };
    }
  }
  if (run.violations > 0) {
    return {
      problem: 'an offered output changed before it was taken',
      inputs: [],
      got: null,
      expected: null,
    };
  }
  const given = run.inputStarts[traces]! - run.inputStarts[0]!;
  if (run.accepted < given) {
    const problem = `the unit stopped being ready after ${run.accepted} of ${given} transactions`;
    return { problem, inputs: [], got: null, expected: null };
  }
  return undefined;
}

/** The first output, as far as both go, in which `count` transactions from `first` on are not those of `want`. */
function firstDifferent(
  unit: Unit,
  { batch, first, count }: { batch: Batch; first: number; count: number },
  want: Batch,
): { k: number; name: string; lane: number; lanes: number; got: number; want: number } | undefined {
  for (let k = 0; k < Math.min(count, want.count); k++) {
    for (const { name, lanes } of unit.output.fields) {
      const a = batch.fields[name]!;
      const b = want.fields[name]!;
      for (let lane = 0; lane < lanes; lane++) {
        const got = a[(first + k) * lanes + lane]!;
        const wanted = b[k * lanes + lane]!;
        if (got !== wanted) return { k, name, lane, lanes, got, want: wanted };
      }
    }
  }
  return undefined;
}

/** The first output a test bench expects that is not the model's: its files are not those of these parameters. */
function staleBench(unit: Unit, inputs: Batch, outputs: Batch): Mismatch | undefined {
  const model = unit.golden(inputs);
  const wrong = (problem: string, k: number): Mismatch => ({
    problem,
    inputs: inputsUpTo(unit, inputs, k),
    got: k < outputs.count ? row(unit.output, outputs, k) : null,
    expected: k < model.count ? row(unit.output, model, k) : null,
  });
  const different = firstDifferent(unit, { batch: outputs, first: 0, count: outputs.count }, model);
  if (different !== undefined) {
    return wrong(`the test bench expects another output ${different.k} than the model gives`, different.k);
  }
  if (model.count === outputs.count) return undefined;
  const k = Math.min(model.count, outputs.count);
  return wrong(`the test bench expects ${outputs.count} outputs, the model gives ${model.count}`, k);
}

/** The transactions output `k` depends on: the shortest prefix after which the model has given it. */
function inputsUpTo(unit: Unit, batch: Batch, k: number): Record<string, number[]>[] {
  let low = 0;
  let high = batch.count;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (unit.golden(sliceBatch(unit.input, batch, 0, mid)).count > k) high = mid;
    else low = mid + 1;
  }
  const rows: Record<string, number[]>[] = [];
  for (let i = Math.max(0, low - 16); i < low; i++) rows.push(row(unit.input, batch, i));
  return rows;
}

function row(channel: Unit['input'], batch: Batch, index: number): Record<string, number[]> {
  return Object.fromEntries(
    channel.fields.map(({ name, lanes }) => [
      name,
      [...batch.fields[name]!.subarray(index * lanes, (index + 1) * lanes)],
    ]),
  );
}
