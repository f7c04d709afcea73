// Backward rewriting of the word a netlist computes, modulo 2^bits: from the weighted outputs through adder identities and
// gates to a polynomial over the inputs. Each step is an identity of the given netlist, so what is left over, minus the
// specification, equals the error of the netlist. Refuses to grow beyond a limit of monomials.

import { AbortedError } from '../../core/errors.ts';
import type { Aig } from '../../netlist/index.ts';
import type { AdderList } from '../exact/adders.ts';
import { signsOf, vanishes, xorOf } from './identities.ts';
import { InputPolynomial, type SmallCones } from './input-polynomial.ts';
import {
  GrowthError,
  type Monomial,
  type RewriteOptions,
  type RewriteResult,
  type RewriteStatistics,
} from './rewrite-types.ts';
import { noRule, type RewriteRules } from './rules.ts';

/**
 * Rewrites sum(2^i · product[i]) modulo 2^product.length.
 * @throws GrowthError past the limit, AbortedError when stopped
 */
export function rewriteOutputs(
  aig: Aig,
  product: readonly number[],
  adders: AdderList,
  rules: RewriteRules,
  cones: SmallCones,
  options: RewriteOptions,
): RewriteResult {
  return new Rewriter(aig, product.length, adders, rules, cones, options).run(product);
}

class Rewriter {
  private readonly aig: Aig;
  private readonly bits: number;
  private readonly adders: AdderList;
  private readonly rules: RewriteRules;
  private readonly cones: SmallCones;
  private readonly options: RewriteOptions;
  /** Coefficients of single variables. */
  private readonly linear: (bigint | undefined)[];
  private readonly monomials = new Map<string, Monomial>();
  /** Keys of the monomials a variable is in (some may be gone). */
  private readonly containing = new Map<number, Set<string>>();
  private readonly inputs: InputPolynomial;
  /** Variables whose turn in this pass is over, and whether one of them got a coefficient since. */
  private readonly done: Uint8Array;
  private late = false;
  /** Coefficients of nets left alone under `none`. */
  private readonly kept = new Map<number, bigint>();
  private readonly statistics: RewriteStatistics = {
    adderSteps: 0,
    gateSteps: 0,
    cones: 0,
    peakMonomials: 0,
  };

  constructor(
    aig: Aig,
    bits: number,
    adders: AdderList,
    rules: RewriteRules,
    cones: SmallCones,
    options: RewriteOptions,
  ) {
    this.aig = aig;
    this.bits = bits;
    this.adders = adders;
    this.rules = rules;
    this.cones = cones;
    this.options = options;
    this.linear = new Array<bigint | undefined>(aig.variableCount);
    this.inputs = new InputPolynomial(aig.inputCount, bits);
    this.done = new Uint8Array(aig.variableCount);
  }

  run(product: readonly number[]): RewriteResult {
    product.forEach((literal, i) => {
      this.addLiteral(literal, 1n << BigInt(i));
    });
    // a monomial of a resting net and an expanded one may leave the resting net alone, after its turn: go round again
    do {
      this.late = false;
      this.pass();
    } while (this.late);
    const frozen: Monomial[] = [];
    for (const monomial of this.monomials.values()) {
      if (!this.cones.addProduct(monomial.variables, monomial.coefficient, this.inputs))
        frozen.push(monomial);
    }
    for (const [v, coefficient] of this.kept)
      if (coefficient !== 0n) frozen.push({ variables: [v], coefficient });
    this.linear.forEach((coefficient, v) => {
      if (coefficient !== undefined && coefficient !== 0n) frozen.push({ variables: [v], coefficient });
    });
    return { inputs: this.inputs, frozen, statistics: this.statistics };
  }

  private pass(): void {
    const { order } = this.rules;
    this.done.fill(0);
    for (let at = 0; at < order.length; at++) {
      if ((at & 255) === 0 && this.options.stopped()) throw new AbortedError('rewriting stopped');
      const v = order[at]!;
      this.done[v] = 1;
      const k = this.linear[v];
      if (k !== undefined) {
        this.linear[v] = undefined;
        if (k !== 0n) this.rewriteLinear(v, k);
      }
      const keys = this.containing.get(v);
      if (keys !== undefined) {
        this.containing.delete(v);
        if (this.expands(v)) this.rewriteMonomials(v, keys);
      }
    }
  }

  private expands(v: number): boolean {
    if (v < this.aig.firstAnd || this.options.expand === 'none') return false;
    if (this.options.expand === 'interface') return this.rules.isInterface[v] === 0;
    return true;
  }

  private rewriteLinear(v: number, k: bigint): void {
    if (v < this.aig.firstAnd) {
      this.inputs.add([v], k);
      return;
    }
    const rule = this.chooseRule(v, k);
    if (rule !== noRule) {
      this.applyAdder(rule, v, k);
      this.statistics.adderSteps++;
    } else if (this.cones.isSmall(v)) {
      this.cones.addProduct([v], k, this.inputs);
      this.statistics.cones++;
    } else if (this.options.expand === 'none' && xorOf(this.aig, v) === undefined) {
      this.kept.set(v, BigInt.asIntN(this.bits, (this.kept.get(v) ?? 0n) + k));
    } else {
      this.statistics.gateSteps++;
      this.expandGate(v, [], k);
    }
  }

  /** The first rule after which the adder's other output is gone, else the first that is valid. */
  private chooseRule(v: number, k: bigint): number {
    const { first, next } = this.rules;
    let valid = noRule;
    for (let rule = first[v]!; rule !== noRule; rule = next[rule]!) {
      const other = this.otherAfter(rule, v, k);
      if (other === undefined) continue;
      if (other === 0n) return rule;
      if (valid === noRule) valid = rule;
    }
    return valid;
  }

  /** Coefficient of the other output after the rule; undefined when the rule would need to halve an odd number. */
  private otherAfter(rule: number, v: number, k: bigint): bigint | undefined {
    const { adders } = this;
    const { sumSign, carrySign } = signsOf(this.adders, rule);
    if (v === adders.sum(rule)) {
      const other = this.linear[adders.carry(rule)] ?? 0n;
      return BigInt.asIntN(this.bits, other - 2n * k * BigInt(sumSign * carrySign));
    }
    if (k & 1n) return undefined;
    const other = this.linear[adders.sum(rule)] ?? 0n;
    return BigInt.asIntN(this.bits, other - (k / 2n) * BigInt(sumSign * carrySign));
  }

  /**
   * The identity S + 2C = L0 + L1 + L2, where S, C and L are the sum, carry and operands in the polarity that makes them
   * an adder: S = v or 1 - v, and so on. It replaces the variable v, which is the sum or the carry.
   */
  private applyAdder(rule: number, v: number, k: bigint): void {
    const { adders } = this;
    const { sumSign, carrySign } = signsOf(this.adders, rule);
    const sign = adders.sign(rule);
    const isSum = v === adders.sum(rule);
    // k·v = k·vSign·V (+ k when v = 1 - V); V = L0 + L1 + L2 - 2C, or (L0 + L1 + L2 - S) / 2
    const vSign = isSum ? sumSign : carrySign;
    if (vSign < 0) this.addConstant(k);
    const signed = vSign < 0 ? -k : k;
    const factor = isSum ? signed : signed / 2n;
    const leaves = adders.isFull(rule) ? 3 : 2;
    for (let i = 0; i < leaves; i++) {
      const leaf = adders.leaf(rule, i as 0 | 1 | 2);
      this.addLiteral(2 * leaf + ((sign >> i) & 1), factor);
    }
    if (isSum) this.addLiteral(2 * adders.carry(rule) + (carrySign < 0 ? 1 : 0), -2n * factor);
    else this.addLiteral(2 * adders.sum(rule) + (sumSign < 0 ? 1 : 0), -factor);
  }

  private rewriteMonomials(v: number, keys: Set<string>): void {
    for (const key of keys) {
      const monomial = this.monomials.get(key);
      if (monomial === undefined) continue;
      if (
        this.options.expand === 'all' &&
        this.cones.addProduct(monomial.variables, monomial.coefficient, this.inputs)
      ) {
        this.monomials.delete(key);
        continue;
      }
      this.monomials.delete(key);
      this.statistics.gateSteps++;
      this.expandGate(
        v,
        monomial.variables.filter(x => x !== v),
        monomial.coefficient,
      );
    }
    if (this.options.stopped()) throw new AbortedError('rewriting stopped');
  }

  /** Adds coefficient · v · rest with v replaced by its gate: an exclusive-or when its three ANDs are one, else the AND. */
  private expandGate(v: number, rest: readonly number[], coefficient: bigint): void {
    const { aig } = this;
    const f0 = aig.fanin0[v - aig.firstAnd]!;
    const f1 = aig.fanin1[v - aig.firstAnd]!;
    const xor = xorOf(this.aig, v);
    if (xor !== undefined) {
      this.addProduct([xor[0]], rest, coefficient);
      this.addProduct([xor[1]], rest, coefficient);
      this.addProduct(xor, rest, -2n * coefficient);
      return;
    }
    this.addProduct([f0, f1], rest, coefficient);
  }

  /** Adds coefficient · product of literals · product of variables. */
  private addProduct(literals: readonly number[], rest: readonly number[], coefficient: bigint): void {
    const k = BigInt.asIntN(this.bits, coefficient);
    if (k === 0n) return;
    let terms: { variables: number[]; coefficient: bigint }[] = [{ variables: [...rest], coefficient: k }];
    for (const literal of literals) {
      const variable = literal >>> 1;
      const more: typeof terms = [];
      for (const term of terms) {
        if (literal & 1) more.push(term);
        if (variable === 0) continue;
        const variables = term.variables.includes(variable) ? term.variables : [...term.variables, variable];
        more.push({ variables, coefficient: literal & 1 ? -term.coefficient : term.coefficient });
      }
      terms = more;
    }
    for (const term of terms) this.addMonomial(term.variables, term.coefficient);
  }

  private addMonomial(variables: number[], coefficient: bigint): void {
    if (variables.length === 0) this.addConstant(coefficient);
    else if (variables.length === 1) this.addLiteral(2 * variables[0]!, coefficient);
    else {
      variables.sort((x, y) => x - y);
      if (vanishes(this.aig, variables)) return;
      const key = variables.join(' ');
      const old = this.monomials.get(key);
      const sum = BigInt.asIntN(this.bits, (old?.coefficient ?? 0n) + coefficient);
      if (sum === 0n) this.monomials.delete(key);
      else this.monomials.set(key, { variables, coefficient: sum });
      if (old !== undefined) return;
      for (const v of variables) {
        if (!this.expands(v)) continue;
        let keys = this.containing.get(v);
        if (keys === undefined) this.containing.set(v, (keys = new Set()));
        keys.add(key);
      }
      const { size } = this.monomials;
      if (size > this.statistics.peakMonomials) this.statistics.peakMonomials = size;
      if (size > this.options.limit) throw new GrowthError(`more than ${this.options.limit} monomials`);
    }
  }

  private addLiteral(literal: number, coefficient: bigint): void {
    const v = literal >>> 1;
    if (literal & 1) this.addConstant(coefficient);
    if (v === 0) return;
    if (this.done[v] === 1) this.late = true;
    const old = this.linear[v] ?? 0n;
    this.linear[v] = BigInt.asIntN(this.bits, literal & 1 ? old - coefficient : old + coefficient);
  }

  private addConstant(coefficient: bigint): void {
    this.inputs.add([], coefficient);
  }
}
