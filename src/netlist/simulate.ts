// Bit-parallel simulation in WASM v128: 128 or 512 vectors a pass over the graph, combinational and with latches.
// A vector is one bit position; word w, bit b of an input row is vector 32·w + b. Refuses three-valued simulation:
// uninitialised latches start at the words given, by default random.

import { UsageError } from '../core/errors.ts';
import { Random } from '../core/random.ts';
import { ensureMemory, loadKernel } from '../kernels/load.ts';
import { type Aig, requireAig, uninitialised } from './aig.ts';

interface Kernel {
  memory: WebAssembly.Memory;
  evaluate1(fanins: number, count: number, values: number, first: number): void;
  evaluate4(fanins: number, count: number, values: number, first: number): void;
  activity(
    values: number,
    previous: number,
    ones: number,
    toggles: number,
    variables: number,
    vectors: number,
  ): void;
}

/** Graphs up to this many variables are simulated 512 vectors a pass, larger ones 128. */
const wideLimit = 1 << 24;
/** First byte used in kernel memory (below it lie the kernel's own statics). */
const memoryStart = 65536;

/**
 * A graph loaded for simulation: 8 bytes an AND and 16 or 64 bytes a variable of WASM memory.
 * Not safe for use by two callers at once; `latchState` is its only state between calls.
 */
export class Simulator {
  readonly aig: Aig;
  /** Words of 32 vectors of one pass: 4 or 16. */
  readonly blockWords: number;
  private readonly kernel: Kernel;
  private readonly fanins: number;
  private readonly values: number;
  private readonly end: number;

  /**
   * @param blockWords words a pass: by default 16, and 4 for very large graphs
   * @throws BitwrightError when the graph needs more than the 4 GiB WASM can address (178 million variables)
   */
  constructor(aig: Aig, blockWords?: 4 | 16) {
    requireAig('the netlist to simulate', aig);
    this.aig = aig;
    this.blockWords = blockWords ?? (aig.variableCount <= wideLimit ? 16 : 4);
    this.kernel = loadKernel<Kernel>('netlist');
    this.fanins = memoryStart;
    this.values = Math.ceil((memoryStart + 8 * aig.andCount) / 64) * 64;
    this.end = this.values + aig.variableCount * this.blockWords * 4;
    ensureMemory(this.kernel.memory, this.end);
    const pairs = new Uint32Array(this.kernel.memory.buffer, this.fanins, 2 * aig.andCount);
    const { fanin0, fanin1 } = aig;
    for (let i = 0; i < aig.andCount; i++) {
      pairs[2 * i] = fanin0[i]!;
      pairs[2 * i + 1] = fanin1[i]!;
    }
  }

  /**
   * One pass: inputs and latch words are taken from `block()` rows, AND rows are computed.
   * Row v of `block()` holds the words of variable v; rows 1..I+L are for the caller to fill.
   */
  evaluate(): void {
    const { aig, kernel } = this;
    const run = this.blockWords === 16 ? kernel.evaluate4 : kernel.evaluate1;
    run(this.fanins, aig.andCount, this.values, aig.firstAnd);
  }

  /** The rows of all variables: variableCount × blockWords, row 0 the constant. A view: grows stale if memory grows. */
  block(): Uint32Array {
    return new Uint32Array(this.kernel.memory.buffer, this.values, this.aig.variableCount * this.blockWords);
  }

  /** Copies the words of a literal out of the block. */
  read(block: Uint32Array, literal: number, into: Uint32Array, at: number, words = this.blockWords): void {
    const row = (literal >>> 1) * this.blockWords;
    const mask = -(literal & 1);
    for (let k = 0; k < words; k++) into[at + k] = block[row + k]! ^ mask;
  }

  /**
   * Combinational simulation of any number of vectors.
   * @param inputs inputCount × words, row by row
   * @param words words of 32 vectors a row
   * @param latches latchCount × words (default all zero)
   * @param literals what to return (default the outputs)
   * @returns literals.length × words
   * @throws UsageError when the arrays do not fit the graph
   */
  run(inputs: Uint32Array, words: number, latches?: Uint32Array, literals = this.aig.outputs): Uint32Array {
    const { aig, blockWords } = this;
    checkLength('input words', inputs, aig.inputCount * words);
    if (latches !== undefined) checkLength('latch words', latches, aig.latchCount * words);
    const result = new Uint32Array(literals.length * words);
    const block = this.block();
    for (let from = 0; from < words; from += blockWords) {
      const part = Math.min(blockWords, words - from);
      for (let i = 0; i < aig.inputCount; i++) {
        const at = i * words + from;
        block.set(inputs.subarray(at, at + part), (1 + i) * blockWords);
      }
      for (let i = 0; i < aig.latchCount; i++) {
        const row = aig.latchVariable(i) * blockWords;
        if (latches === undefined) block.fill(0, row, row + blockWords);
        else block.set(latches.subarray(i * words + from, i * words + from + part), row);
      }
      this.evaluate();
      for (let j = 0; j < literals.length; j++)
        this.read(block, literals[j]!, result, j * words + from, part);
    }
    return result;
  }

  /**
   * Sequential simulation of blockWords × 32 independent traces: each step sets the inputs, evaluates, hands the rows
   * to `observe`, then clocks every latch at once.
   * @param steps clock cycles
   * @param stimulus fills inputCount × blockWords words for a step
   * @param observe called after each step's evaluation with the rows of all variables
   * @param initial words of uninitialised latches: latchCount × blockWords (default from `random`)
   */
  trace(
    steps: number,
    stimulus: (step: number, words: Uint32Array) => void,
    observe: (step: number, block: Uint32Array) => void,
    initial?: Uint32Array,
    random = new Random(1),
  ): void {
    const { aig, blockWords } = this;
    const block = this.block();
    const leaves = block.subarray(blockWords, (1 + aig.inputCount) * blockWords);
    const state = new Uint32Array(aig.latchCount * blockWords);
    if (initial !== undefined) checkLength('initial latch words', initial, state.length);
    for (let i = 0; i < aig.latchCount; i++) {
      for (let k = 0; k < blockWords; k++) {
        const at = i * blockWords + k;
        const init = aig.latchInit[i]!;
        state[at] = init === uninitialised ? (initial?.[at] ?? random.uint32()) : init === 1 ? 0xffffffff : 0;
      }
    }
    for (let step = 0; step < steps; step++) {
      stimulus(step, leaves);
      block.set(state, (1 + aig.inputCount) * blockWords);
      this.evaluate();
      observe(step, block);
      for (let i = 0; i < aig.latchCount; i++) this.read(block, aig.latchNext[i]!, state, i * blockWords);
    }
  }

  /** Counts over `steps` random steps of blockWords × 32 traces; see `measureActivity`. */
  activity(steps: number, random: Random, probability: (input: number) => number): Activity {
    const { aig, kernel, blockWords } = this;
    const rows = aig.variableCount * blockWords * 4;
    const previous = this.end;
    const ones = previous + rows;
    const toggles = ones + 4 * aig.variableCount;
    ensureMemory(kernel.memory, toggles + 4 * aig.variableCount);
    const lanes = blockWords * 32;
    if (steps * lanes > 0xffffffff) {
      throw new UsageError(`${steps} steps of ${lanes} traces`, { expected: 'at most 2^32 vectors in all' });
    }
    const buffer = kernel.memory.buffer;
    new Uint32Array(buffer, ones, 2 * aig.variableCount).fill(0);
    const toggleCounts = new Uint32Array(buffer, toggles, aig.variableCount);
    this.trace(
      steps,
      (_, words) => {
        for (let i = 0; i < aig.inputCount; i++) {
          const p = probability(i);
          for (let k = 0; k < blockWords; k++) words[i * blockWords + k] = randomWord(random, p);
        }
      },
      step => {
        kernel.activity(this.values, previous, ones, toggles, aig.variableCount, blockWords / 4);
        if (step === 0) toggleCounts.fill(0);
      },
      undefined,
      random,
    );
    const vectors = steps * lanes;
    const transitions = Math.max(1, (steps - 1) * lanes);
    return {
      vectors,
      probability: Float64Array.from(new Uint32Array(buffer, ones, aig.variableCount), x => x / vectors),
      toggleRate: Float64Array.from(toggleCounts, x => x / transitions),
    };
  }
}

/** Switching activity of every variable. */
export interface Activity {
  /** Vectors simulated: steps × traces. */
  vectors: number;
  /** Share of vectors in which the variable is 1. */
  probability: Float64Array;
  /** Transitions a clock cycle: share of consecutive vector pairs in which the variable changes (zero-delay: no glitches). */
  toggleRate: Float64Array;
}

export interface ActivityOptions {
  /** Clock cycles of each trace. Default 64. */
  steps?: number | undefined;
  /** Seed of the random inputs. Default 1. */
  seed?: number | undefined;
  /** Probability of a 1 at each input, or one for all. Default 0.5. Inputs are independent in time. */
  inputProbability?: number | ArrayLike<number> | undefined;
}

/** Signal probabilities and toggle rates under random inputs, zero-delay. */
export function measureActivity(aig: Aig, options: ActivityOptions = {}): Activity {
  const { steps = 64, seed = 1, inputProbability = 0.5 } = options;
  if (!Number.isInteger(steps) || steps < 2) {
    throw new UsageError(`activity over ${steps} steps`, { expected: 'an integer of at least 2' });
  }
  const list = inputProbability;
  const probability = typeof list === 'number' ? () => list : (i: number) => list[i]!;
  if (typeof list !== 'number' && list.length !== aig.inputCount) {
    throw new UsageError(`${list.length} input probabilities for ${aig.inputCount} inputs`);
  }
  for (let i = 0; i < aig.inputCount; i++) {
    if (!(probability(i) >= 0 && probability(i) <= 1)) {
      throw new UsageError(`input probability ${probability(i)}`, { expected: 'a number from 0 to 1' });
    }
  }
  return new Simulator(aig).activity(steps, new Random(seed), probability);
}

/**
 * Combinational simulation in one call: input words in, output words out.
 * @param inputs inputCount × words
 * @param words words of 32 vectors a row
 * @returns outputs × words
 */
export function simulate(aig: Aig, inputs: Uint32Array, words: number, latches?: Uint32Array): Uint32Array {
  return new Simulator(aig).run(inputs, words, latches);
}

/** Random words for `rows` rows. */
export function randomWords(random: Random, rows: number, words: number): Uint32Array {
  const result = new Uint32Array(rows * words);
  for (let i = 0; i < result.length; i++) result[i] = random.uint32();
  return result;
}

/**
 * Packs vectors into words: bit `i` of `vectors[k]` becomes bit k % 32 of word floor(k / 32) of row i.
 * @param rows bits a vector
 */
export function packVectors(vectors: readonly bigint[], rows: number): Uint32Array {
  const words = Math.ceil(vectors.length / 32);
  const result = new Uint32Array(rows * words);
  vectors.forEach((vector, k) => {
    const text = BigInt.asUintN(rows, vector).toString(2);
    for (let i = 0; i < text.length; i++) {
      if (text.charCodeAt(text.length - 1 - i) === 49) result[i * words + (k >>> 5)]! |= 1 << (k & 31);
    }
  });
  return result;
}

/** The inverse of `packVectors` for the first `count` vectors. */
export function unpackVectors(words: Uint32Array, rows: number, count: number): bigint[] {
  const perRow = rows === 0 ? 0 : words.length / rows;
  return Array.from({ length: count }, (_, k) => {
    let text = '0b0';
    for (let i = rows - 1; i >= 0; i--) text += (words[i * perRow + (k >>> 5)]! >>> (k & 31)) & 1;
    return BigInt(text);
  });
}

function randomWord(random: Random, probability: number): number {
  if (probability === 0.5) return random.uint32();
  let word = 0;
  for (let bit = 0; bit < 32; bit++) if (random.uniform() < probability) word |= 1 << bit;
  return word;
}

function checkLength(what: string, array: Uint32Array, length: number): void {
  if (array.length !== length) {
    throw new UsageError(`${array.length} ${what}`, { expected: String(length) });
  }
}
