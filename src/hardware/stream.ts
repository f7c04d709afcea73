// Drives transactions through the valid/ready ports of a sequential graph, hundreds of independent traces at once, and
// collects what comes out. Refuses graphs that lack a port of the channels. Producers hold a refused transaction.

import { AbortedError, InputError, UsageError } from '../core/errors.ts';
import { Random } from '../core/random.ts';
import { type Aig, uninitialised } from '../netlist/aig.ts';
import { Simulator } from '../netlist/simulate.ts';
import { packBatch, payloadWords, transpose32 } from './payload.ts';
import { Collector } from './stream-collector.ts';
import { type Stalls, stallSource } from './stream-stalls.ts';
import type { Batch, Channel } from './unit.ts';
import { channelBits } from './unit.ts';

export interface StreamOptions {
  /** Seed of stalls, of payloads without valid, and of registers without reset value. Default 1. */
  seed?: number | undefined;
  /** Fixed chances, `none`, or (default) `mixed`: chances drawn anew every 32 cycles, from full rate to one in four. */
  stalls?: Stalls | 'none' | 'mixed' | undefined;
  /** Payload while valid is low: `random` (default, nothing may depend on it), `hold` the last one, or `zero`. */
  idle?: 'random' | 'hold' | 'zero' | undefined;
  /** Independent traces, at most `StreamDriver.traces` (the default). Each starts from reset. */
  traces?: number | undefined;
  /** First transaction of each trace, and the count at the end: traces + 1 numbers. Default: even shares. */
  starts?: Uint32Array | undefined;
  /** Cycles without any handshake after which the stream has ended. Default 64; more than a unit ever thinks. */
  silence?: number | undefined;
  /** Output transactions after which a run ends: a unit may never stop talking. Default 4096 + 4 × inputs. */
  tokenLimit?: number | undefined;
  /** Called after each cycle out of reset with the rows of all variables (variable × blockWords words of 32 traces). */
  observe?: ((cycle: number, block: Uint32Array) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface StreamResult {
  /** All output transactions, trace after trace. */
  tokens: Batch;
  /** First token of each trace, and the count at the end. */
  tokenStarts: Uint32Array;
  /** First input transaction of each trace, and the count at the end. */
  inputStarts: Uint32Array;
  /** Input transactions the graph accepted; fewer than given means that it stopped being ready. */
  accepted: number;
  /** Clock cycles simulated out of reset. */
  cycles: number;
  /** Traces × cycles in which an offered output was withdrawn or changed before it was taken. */
  violations: number;
}

const resetCycles = 2;

/** A graph with one input and one output channel, `clk` and `rst`, made ready for streams. */
export class StreamDriver {
  readonly simulator: Simulator;
  /** Most traces a run can hold: 32 × blockWords. */
  readonly traces: number;
  private readonly input: Channel;
  private readonly output: Channel;
  private readonly rst: number;
  private readonly inValid: number;
  private readonly inPayload: Int32Array;
  private readonly inReady: number;
  private readonly outReady: number;
  private readonly outValid: number;
  private readonly outPayload: Uint32Array;

  /**
   * @param blockWords 16 for 512 traces; 4 for 128, in a quarter of the time a cycle
   * @throws InputError naming a port bit the graph does not have
   */
  constructor(aig: Aig, input: Channel, output: Channel, blockWords?: 4 | 16) {
    this.input = input;
    this.output = output;
    const place = (names: readonly (string | undefined)[] | undefined, what: string) => {
      const index = new Map<string, number>();
      names?.forEach((name, i) => {
        if (name !== undefined) index.set(name.replace(/^\\/, '').replace(/ $/, ''), i);
      });
      return (name: string, bit = 0, width = 1): number => {
        const found = index.get(`${name}[${bit}]`) ?? (width === 1 ? index.get(name) : undefined);
        if (found === undefined) {
          throw new InputError(`no ${what} '${width === 1 ? name : `${name}[${bit}]`}'`, {
            node: aig.names.model,
            expected: 'the ports of the unit',
          });
        }
        return found;
      };
    };
    const inputAt = place(aig.names.inputs, 'input');
    const outputAt = place(aig.names.outputs, 'output');
    const bits = (channel: Channel, at: typeof inputAt): number[] =>
      channel.fields.flatMap(f =>
        Array.from({ length: f.lanes * f.bits }, (_, i) =>
          at(`${channel.name}_${f.name}`, i, f.lanes * f.bits),
        ),
      );
    this.rst = inputAt('rst');
    this.inValid = inputAt(`${input.name}_valid`);
    this.outReady = inputAt(`${output.name}_ready`);
    this.inPayload = Int32Array.from(bits(input, inputAt));
    this.inReady = aig.outputs[outputAt(`${input.name}_ready`)]!;
    this.outValid = aig.outputs[outputAt(`${output.name}_valid`)]!;
    this.outPayload = Uint32Array.from(bits(output, outputAt), i => aig.outputs[i]!);
    this.simulator = new Simulator(aig, blockWords);
    this.traces = 32 * this.simulator.blockWords;
  }

  /**
   * Runs a batch, shared out over the traces, until nothing moves any more.
   * @throws UsageError for options that do not fit, AbortedError
   */
  run(batch: Batch, options: StreamOptions = {}): StreamResult {
    const { simulator } = this;
    const { aig, blockWords: groups } = simulator;
    const { idle = 'random', silence = 64, tokenLimit = 4096 + 4 * batch.count } = options;
    const random = new Random(options.seed ?? 1);
    const traces = options.traces ?? this.traces;
    if (!Number.isInteger(traces) || traces < 1 || traces > this.traces) {
      throw new UsageError(`${traces} traces`, { expected: `1 to ${this.traces}` });
    }
    const starts =
      options.starts ??
      Uint32Array.from({ length: traces + 1 }, (_, t) => Math.floor((t * batch.count) / traces));
    if (starts.length !== traces + 1 || starts[traces]! > batch.count) {
      throw new UsageError(`${starts.length} starts for ${traces} traces`, { expected: String(traces + 1) });
    }
    const packed = packBatch(this.input, batch);
    const inWords = payloadWords(this.input);
    const inBits = channelBits(this.input);
    const collector = new Collector(this.output, this.outPayload, groups);
    const stalls = stallSource(options.stalls ?? 'mixed', random);

    const next = starts.slice(0, traces);
    const offered = new Uint32Array(groups);
    const left = new Uint32Array(groups);
    for (let t = 0; t < traces; t++) if (next[t]! < starts[t + 1]!) left[t >>> 5]! |= 1 << (t & 31);
    const ready = new Uint32Array(groups);
    const stalled = new Uint32Array(groups);
    const fire = new Uint32Array(groups);
    const valid = new Uint32Array(groups);
    const column = new Uint32Array(32);
    const block = simulator.block();
    const leaves = block.subarray(groups, (1 + aig.inputCount) * groups);
    leaves.fill(0);
    const state = new Uint32Array(aig.latchCount * groups);
    for (let i = 0; i < aig.latchCount; i++) {
      const init = aig.latchInit[i]!;
      for (let k = 0; k < groups; k++) {
        state[i * groups + k] = init === uninitialised ? random.uint32() : init === 1 ? 0xffffffff : 0;
      }
    }
    let accepted = 0;
    let violations = 0;
    let quiet = 0;
    let cycle = -resetCycles;
    for (; quiet < silence && collector.count <= tokenLimit; cycle++) {
      if ((cycle & 1023) === 0 && options.signal?.aborted === true)
        throw new AbortedError('simulation stopped');
      const resetting = cycle < 0;
      for (let g = 0; g < groups; g++) {
        // a refused offer stays; a new one is made by chance
        const held = offered[g]!;
        const offer = resetting ? 0 : held | (stalls.valid(cycle) & left[g]!);
        offered[g] = offer;
        ready[g] = resetting ? 0 : stalls.ready(cycle);
        leaves[this.rst * groups + g] = resetting ? 0xffffffff : 0;
        leaves[this.inValid * groups + g] = offer;
        leaves[this.outReady * groups + g] = ready[g]!;
        for (let w = 0; w < inWords; w++) {
          for (let lane = 0; lane < 32; lane++) {
            const t = 32 * g + lane;
            if ((offer >>> lane) & 1) column[lane] = packed[next[t]! * inWords + w]!;
            else if (idle === 'random') column[lane] = random.uint32();
            else if (idle === 'zero' || t >= traces || next[t]! === starts[t]!) column[lane] = 0;
            else column[lane] = packed[(next[t]! - 1) * inWords + w]!;
          }
          transpose32(column);
          const count = Math.min(32, inBits - 32 * w);
          for (let b = 0; b < count; b++) leaves[this.inPayload[32 * w + b]! * groups + g] = column[b]!;
        }
      }
      block.set(state, (1 + aig.inputCount) * groups);
      simulator.evaluate();
      if (!resetting) {
        options.observe?.(cycle, block);
        simulator.read(block, this.outValid, valid, 0);
        violations += collector.check(block, stalled, valid);
        let moved = 0;
        for (let g = 0; g < groups; g++) {
          fire[g] = valid[g]! & ready[g]!;
          stalled[g] = valid[g]! & ~ready[g]!;
          moved |= fire[g]!;
        }
        collector.take(block, fire);
        simulator.read(block, this.inReady, fire, 0);
        for (let g = 0; g < groups; g++) {
          let taken = offered[g]! & fire[g]!;
          moved |= taken;
          offered[g]! &= ~taken;
          while (taken !== 0) {
            const lane = 31 - Math.clz32(taken);
            taken &= ~(1 << lane);
            const t = 32 * g + lane;
            accepted++;
            if (++next[t]! >= starts[t + 1]!) left[g]! &= ~(1 << lane);
          }
        }
        quiet = moved === 0 ? quiet + 1 : 0;
      }
      for (let i = 0; i < aig.latchCount; i++) simulator.read(block, aig.latchNext[i]!, state, i * groups);
    }
    const { tokens, tokenStarts } = collector.finish(traces);
    return { tokens, tokenStarts, inputStarts: starts, accepted, cycles: cycle, violations };
  }
}
