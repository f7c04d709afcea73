// Switching activity of a mapped netlist while it works on a stream of transactions: no stalls, one after another, on
// hundreds of independent traces. Zero delay, or with the delays of the cells (`glitches`). Refuses a netlist that does not take every transaction.

import { BitwrightError } from '../../core/errors.ts';
import { StreamDriver } from '../stream.ts';
import type { Batch, Unit } from '../unit.ts';
import type { NetActivity } from './energy.ts';
import { GlitchCounter, popcount } from './glitch.ts';
import type { MappedNetlist } from './netlist.ts';
import { netlistAig } from './netlist-aig.ts';
import type { Timing } from './timing.ts';

export interface ActivityOptions {
  /** Independent traces; default as many as the simulator holds, but at least 32 transactions each. */
  traces?: number | undefined;
  /** First transaction of each trace, and the count at the end; default even shares. */
  starts?: Uint32Array | undefined;
  signal?: AbortSignal | undefined;
  /** Counts transitions with the delays of this timing, in steps of so many ps, on the first 64 traces. */
  glitches?: { timing: Timing; step: number } | undefined;
}

export interface StreamActivity extends NetActivity {
  /** Transactions accepted. */
  transactions: number;
  /** Clock cycles a transaction, over all traces. */
  cyclesPerTransaction: number;
}

/** @throws BitwrightError when the netlist refuses transactions */
export function streamActivity(
  netlist: MappedNetlist,
  unit: Unit,
  batch: Batch,
  options: ActivityOptions = {},
): StreamActivity {
  const { aig, literals } = netlistAig(netlist);
  const driver = new StreamDriver(aig, unit.input, unit.output);
  const words = driver.simulator.blockWords;
  const traces = options.traces ?? Math.max(1, Math.min(driver.traces, Math.floor(batch.count / 32) || 1));
  const lastWord = Math.ceil(traces / 32);
  const valid = aig.names.inputs!.indexOf(`${unit.input.name}_valid`);
  const masks = Uint32Array.from({ length: lastWord }, (_, g) =>
    g < lastWord - 1 || traces % 32 === 0 ? 0xffffffff : 2 ** (traces % 32) - 1,
  );
  const variables = aig.variableCount;
  const ones = new Float64Array(variables);
  const toggles = new Float64Array(variables);
  const previous = new Uint32Array(variables * words);
  let cycles = 0;
  const glitchWords = Math.min(2, lastWord);
  const glitch =
    options.glitches === undefined
      ? undefined
      : new GlitchCounter(netlist, options.glitches.timing, options.glitches.step, glitchWords);
  const { accepted } = driver.run(batch, {
    ...{ stalls: 'none', idle: 'hold', traces, starts: options.starts, silence: 24, signal: options.signal },
    observe(cycle, block) {
      const row = (1 + valid) * words;
      let busy = 0;
      for (let g = 0; g < lastWord; g++) busy |= block[row + g]! & masks[g]!;
      if (busy !== 0 && cycle > 0) {
        cycles++;
        for (let v = 1; v < variables; v++) {
          let up = 0;
          let moved = 0;
          for (let g = 0, at = v * words; g < lastWord; g++, at++) {
            const mask = masks[g]!;
            const now = block[at]!;
            up += popcount(now & mask);
            moved += popcount((now ^ previous[at]!) & mask);
          }
          ones[v]! += up;
          toggles[v]! += moved;
        }
      }
      if (glitch !== undefined && busy !== 0) {
        glitch.cycle(
          (net, into) => {
            const literal = literals[net]!;
            for (let g = 0; g < into.length; g++) {
              into[g] = block[(literal >>> 1) * words + g]! ^ -(literal & 1);
            }
          },
          masks,
          cycle > 0,
        );
      }
      previous.set(block.subarray(0, previous.length));
    },
  });
  if (accepted < batch.count) {
    throw new BitwrightError(`'${unit.name}' accepted ${accepted} of ${batch.count} transactions`);
  }
  const samples = Math.max(1, cycles * traces);
  const nets = netlist.netNames.length;
  const result: StreamActivity = {
    toggles: new Float64Array(nets),
    probability: new Float64Array(nets),
    cycles: samples,
    transactions: accepted,
    cyclesPerTransaction: ((cycles + 1) * traces) / accepted,
  };
  for (let net = 2; net < nets; net++) {
    const literal = literals[net]!;
    const p = ones[literal >>> 1]! / samples;
    result.probability[net] = literal & 1 ? 1 - p : p;
    result.toggles[net] =
      glitch === undefined
        ? toggles[literal >>> 1]! / samples
        : glitch.transitions[net]! / Math.max(1, cycles * Math.min(traces, 32 * glitchWords));
  }
  return result;
}
