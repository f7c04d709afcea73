// Proves or refutes that a netlist multiplies: simulation, then backward rewriting over its adders, then SAT on what is
// left. Refuses to guess: `refuted` carries operands that were simulated, `proved` an identity modulo 2^bits (or every
// operand pair), all else is `unknown` with its reason.

import { AbortedError, UsageError } from '../../core/errors.ts';
import { noProgress, type ProgressFactory } from '../../core/progress.ts';
import { requireAig } from '../../netlist/aig.ts';
import type { Aig } from '../../netlist/index.ts';
import type { AdderList } from '../exact/adders.ts';
import { findAdders } from '../find.ts';
import { type InputPolynomial, SmallCones } from './input-polynomial.ts';
import { type MultiplierInterface, multiplierInterface } from './interface.ts';
import { type Counterexample, ProductTester, testPairs } from './product.ts';
import { rewriteOutputs } from './rewrite.ts';
import { GrowthError, type RewriteResult, type RewriteStatistics } from './rewrite-types.ts';
import { makeRules } from './rules.ts';
import { monomialWitness, satSearch } from './witness.ts';

export interface CheckOptions {
  /** Two's complement operands; `auto` (default) lets simulation decide. */
  signed?: boolean | 'auto' | undefined;
  /** Operand widths `8,8` by input order, or names of the input buses `a,b`. Default: by names, else two halves. */
  operands?: string | undefined;
  /** Seconds before the answer is `unknown`. Default 300. */
  timeout?: number | undefined;
  /** Operand pairs simulated first. Default 4096; less on large netlists. 0 skips simulation. */
  vectors?: number | undefined;
  /** Netlists with at most this many inputs are tried exhaustively when algebra fails. Default 22. */
  exhaustiveInputs?: number | undefined;
  /** Monomials of degree two or more held at once. Default 200 000. */
  monomialLimit?: number | undefined;
  seed?: number | undefined;
  progress?: ProgressFactory | undefined;
  signal?: AbortSignal | undefined;
}

export type Verdict = 'proved' | 'refuted' | 'unknown';

export interface CheckResult {
  verdict: Verdict;
  /** How the verdict came about, or why there is none. */
  reason: string;
  counterexample?: Counterexample | undefined;
  /** Interpretation that was checked. */
  signed: boolean;
  /** Bits of the operands and of the product. */
  widths: { a: number; b: number; product: number };
  seconds: number;
  statistics: CheckStatistics;
}

export interface CheckStatistics {
  ands: number;
  simulatedPairs: number;
  fullAdders?: number | undefined;
  halfAdders?: number | undefined;
  rewriting?: RewriteStatistics | undefined;
  /** Monomials left over after the specification was subtracted: over inputs, over inner nets. */
  remainder?: [number, number] | undefined;
  satRounds?: number | undefined;
  satConflicts?: number | undefined;
  simulateSeconds: number;
  adderSeconds: number;
  rewriteSeconds: number;
  satSeconds: number;
}

/**
 * Checks a combinational netlist against the product of its two operands modulo 2^outputs.
 * @throws InputError when the netlist is sequential or has no two operands, UsageError for bad options, AbortedError
 */
export async function checkMultiplier(aig: Aig, options: CheckOptions = {}): Promise<CheckResult> {
  requireAig('the netlist of checkMultiplier', aig);
  const timeout = options.timeout ?? 300;
  if (!(timeout > 0))
    throw new UsageError(`timeout ${timeout}`, { expected: 'a positive number of seconds' });
  return new Check(aig, multiplierInterface(aig, options.operands), timeout, options).run();
}

class Check {
  private readonly aig: Aig;
  private readonly net: MultiplierInterface;
  private readonly options: CheckOptions;
  private readonly begin = performance.now();
  private readonly end: number;
  private readonly statistics: CheckStatistics;
  private tester: ProductTester | undefined;
  private signed = false;

  constructor(aig: Aig, net: MultiplierInterface, timeout: number, options: CheckOptions) {
    this.aig = aig;
    this.net = net;
    this.options = options;
    this.end = this.begin + timeout * 1000;
    this.statistics = {
      ands: aig.andCount,
      simulatedPairs: 0,
      simulateSeconds: 0,
      adderSeconds: 0,
      rewriteSeconds: 0,
      satSeconds: 0,
    };
  }

  async run(): Promise<CheckResult> {
    try {
      return await this.decide();
    } catch (error) {
      if (error instanceof AbortedError && this.options.signal?.aborted !== true) {
        return this.answer('unknown', 'the time limit was reached');
      }
      if (error instanceof RangeError || error instanceof WebAssembly.RuntimeError) {
        return this.answer('unknown', `memory was exhausted (${error.message})`);
      }
      throw error;
    }
  }

  private async decide(): Promise<CheckResult> {
    const { aig, net, options } = this;
    const stopped = this.stopped;
    const tester = (this.tester = new ProductTester(aig, net));
    const wrong = this.timed('simulateSeconds', () => this.simulate(tester));
    if (wrong !== undefined) return this.answer('refuted', 'simulation found wrong products', wrong);
    const cones = new SmallCones(aig);
    // what the timeout stops is seen between steps: a signal that watches the clock
    const signal = {
      get aborted() {
        return stopped();
      },
    } as AbortSignal;
    const find = (mode: 'exact' | 'hybrid'): ReturnType<typeof findAdders> =>
      findAdders(aig, { mode, seed: options.seed, progress: options.progress ?? noProgress, signal });
    let best: RewriteResult | undefined;
    let obstacle = '';
    const attempt = (expand: 'interface' | 'all' | 'none', share: number): CheckResult | undefined => {
      try {
        const result = this.timed('rewriteSeconds', () => this.rewrite(this.adders!, cones, expand, share));
        if (result.inputs.size === 0 && result.frozen.length === 0) {
          return this.answer('proved', `the outputs rewrite to the product modulo 2^${net.product.length}`);
        }
        if (best === undefined || size(result) < size(best)) best = result;
        const example = monomialWitness(result.inputs, tester, this.signed);
        if (example === undefined) return undefined;
        return this.answer('refuted', 'the remainder of the rewriting gave wrong products', example);
      } catch (error) {
        if (error instanceof AbortedError && !stopped())
          obstacle = 'the monomials of the rewriting outgrew the time';
        else if (error instanceof GrowthError) obstacle = error.message;
        else throw error;
        return undefined;
      }
    };
    const bySat = (share: number): CheckResult | undefined =>
      best === undefined ? undefined : this.bySat(best, share);
    for (const mode of ['exact', 'hybrid'] as const) {
      const start = performance.now();
      const found = await find(mode);
      this.statistics.adderSeconds += (performance.now() - start) / 1000;
      if (mode === 'hybrid' && found.statistics.hiddenSkipped !== undefined) break;
      this.adders = found.adders;
      this.statistics.fullAdders = found.adders.fullAdders;
      this.statistics.halfAdders = found.adders.halfAdders;
      // without expansion first: linear in the netlist, and a lone fault leaves a few monomials
      const quick = attempt('none', 0.2) ?? (size(best) <= 64 ? bySat(0.05) : undefined);
      if (quick !== undefined) return quick;
      const answer = attempt('interface', 0.3);
      if (answer !== undefined) return answer;
    }
    const early = bySat(0.2);
    if (early !== undefined) return early;
    if (aig.inputCount <= (options.exhaustiveInputs ?? 22)) {
      const example = this.timed('simulateSeconds', () => tester.exhaust(this.signed, stopped));
      if (example !== undefined) return this.answer('refuted', 'simulation found wrong products', example);
      return this.answer('proved', 'every operand pair was simulated');
    }
    const late = attempt('all', 0.4) ?? bySat(1);
    if (late !== undefined) return late;
    if (best !== undefined) {
      const { inputs, frozen } = best;
      this.statistics.remainder = [inputs.size, frozen.length];
      obstacle = `${inputs.size} monomials over the inputs and ${frozen.length} over inner nets remain`;
    }
    return this.answer('unknown', stopped() ? `the time limit was reached: ${obstacle}` : obstacle);
  }

  /** SAT on a remainder, within a share of the time left. */
  private bySat(remainder: RewriteResult, share: number): CheckResult | undefined {
    const { inputs, frozen, statistics } = remainder;
    this.statistics.rewriting = statistics;
    this.statistics.remainder = [inputs.size, frozen.length];
    const sat = this.timed('satSeconds', () =>
      satSearch(this.aig, inputs, frozen, this.tester!, this.signed, {
        monomials: 4000,
        rounds: 20_000,
        seconds: (share * (this.end - performance.now())) / 1000,
        stopped: this.stopped,
      }),
    );
    this.statistics.satRounds = (this.statistics.satRounds ?? 0) + sat.rounds;
    this.statistics.satConflicts = (this.statistics.satConflicts ?? 0) + sat.conflicts;
    if (sat.verdict === 'wrong') {
      return this.answer('refuted', 'SAT on the remainder found wrong products', sat.counterexample);
    }
    if (sat.verdict === 'zero') return this.answer('proved', 'rewriting, and SAT on the remainder');
    return undefined;
  }

  private adders: AdderList | undefined;

  /** Random and corner pairs; also settles whether operands are signed. */
  private simulate(tester: ProductTester): Counterexample | undefined {
    const { options, net, aig } = this;
    const asked = options.signed ?? 'auto';
    this.signed = asked === true;
    const count = options.vectors ?? Math.min(4096, Math.max(512, Math.floor(4e9 / (aig.andCount + 1))));
    if (count === 0) {
      if (asked === 'auto')
        throw new UsageError('signed auto needs simulation', { expected: 'vectors above 0' });
      return undefined;
    }
    const signs = asked === 'auto' ? [false, true] : [asked];
    const widths = [net.operands[0].length, net.operands[1].length] as const;
    const failures = tester.compare(testPairs(widths, count, options.seed ?? 1), signs);
    const fits = failures.indexOf(undefined);
    // nearer of the two interpretations when neither fits
    const nearest = (failures[0]?.count ?? 0) > (failures[1]?.count ?? Number.POSITIVE_INFINITY) ? 1 : 0;
    this.signed = signs[fits >= 0 ? fits : nearest]!;
    return fits >= 0 ? undefined : failures[nearest]!.example;
  }

  private rewrite(
    adders: AdderList,
    cones: SmallCones,
    expand: 'interface' | 'all' | 'none',
    share: number,
  ): RewriteResult {
    const { aig, net, options } = this;
    const now = performance.now();
    const end = now + share * (this.end - now);
    const stopped = (): boolean => performance.now() > end || this.stopped();
    const rules = makeRules(
      aig,
      adders,
      net.product.map(x => x >>> 1),
    );
    const limit = options.monomialLimit ?? 200_000;
    const result = rewriteOutputs(aig, net.product, adders, rules, cones, {
      expand,
      limit,
      stopped,
    });
    subtractProduct(result.inputs, net, this.signed);
    this.statistics.rewriting = result.statistics;
    this.statistics.remainder = [result.inputs.size, result.frozen.length];
    return result;
  }

  private readonly stopped = (): boolean =>
    performance.now() > this.end || this.options.signal?.aborted === true;

  private timed<T>(field: 'simulateSeconds' | 'rewriteSeconds' | 'satSeconds', work: () => T): T {
    const start = performance.now();
    try {
      return work();
    } finally {
      this.statistics[field] += (performance.now() - start) / 1000;
    }
  }

  private answer(verdict: Verdict, reason: string, counterexample?: Counterexample): CheckResult {
    const { net } = this;
    this.statistics.simulatedPairs = this.tester?.tried ?? 0;
    return {
      verdict,
      reason,
      ...(counterexample === undefined ? {} : { counterexample }),
      signed: this.signed,
      widths: { a: net.operands[0].length, b: net.operands[1].length, product: net.product.length },
      seconds: (performance.now() - this.begin) / 1000,
      statistics: this.statistics,
    };
  }
}

function size(result: RewriteResult | undefined): number {
  return result === undefined ? Number.POSITIVE_INFINITY : result.inputs.size + result.frozen.length;
}

/** Subtracts the product of the operands: sum of ±2^(i+j) a_i b_j, sign bits of two's complement weighing negative. */
function subtractProduct(polynomial: InputPolynomial, net: MultiplierInterface, signed: boolean): void {
  const [a, b] = net.operands;
  a.forEach((inputA, i) => {
    b.forEach((inputB, j) => {
      const negative = signed && (i === a.length - 1) !== (j === b.length - 1);
      const weight = 1n << BigInt(i + j);
      const pair = inputA < inputB ? [inputA + 1, inputB + 1] : [inputB + 1, inputA + 1];
      polynomial.add(pair, negative ? weight : -weight);
    });
  });
}
