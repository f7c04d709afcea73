// Builds and-inverter graphs: inputs, latches, outputs, properties and names around the gates of gate-builder.ts.
// Refuses literals it did not hand out.

import { UsageError } from '../core/errors.ts';
import { Aig, type AigNames, type NetName, uninitialised } from './aig.ts';
import { GateBuilder } from './gate-builder.ts';
import { notAnAnd } from './node-table.ts';

export { constantFalse, constantTrue } from './gate-builder.ts';
export type { AigBuilderOptions } from './node-table.ts';

/**
 * A graph under construction. Literals it hands out stay valid until `build`, which numbers inputs, latches and ANDs
 * in that order; when all inputs and latches came before the first AND the numbers do not change, else use
 * `finalLiteral`.
 */
export class AigBuilder extends GateBuilder {
  private readonly inputs: number[] = [];
  private readonly latches: number[] = [];
  private readonly latchNext: number[] = [];
  private readonly latchInit: number[] = [];
  private readonly latchIndex = new Map<number, number>();
  private readonly outputs: number[] = [];
  private readonly bads: number[] = [];
  private readonly constraints: number[] = [];
  private readonly justice: number[][] = [];
  private readonly fairness: number[] = [];
  private readonly inputNames: (string | undefined)[] = [];
  private readonly latchNames: (string | undefined)[] = [];
  private readonly outputNames: (string | undefined)[] = [];
  private readonly badNames: (string | undefined)[] = [];
  private readonly constraintNames: (string | undefined)[] = [];
  private readonly justiceNames: (string | undefined)[] = [];
  private readonly fairnessNames: (string | undefined)[] = [];
  private readonly netNames = new Map<number, NetName[]>();
  private renumbering: Uint32Array | undefined;
  /** Name of the circuit, kept in `names.model`. */
  model: string | undefined;
  /** Free text kept with the graph. */
  comment = '';

  get inputCount(): number {
    return this.inputs.length;
  }

  get latchCount(): number {
    return this.latches.length;
  }

  /** A new primary input; its positive literal. */
  addInput(name?: string | undefined): number {
    const variable = this.newVariable(notAnAnd, notAnAnd);
    this.inputs.push(variable);
    this.inputNames.push(name);
    return 2 * variable;
  }

  /** `width` inputs named name[0] …; least significant first. */
  addInputs(name: string, width: number): number[] {
    return Array.from({ length: width }, (_, i) => this.addInput(`${name}[${i}]`));
  }

  /**
   * A new latch; its positive literal. Its next state is its own value until `setNext`.
   * @param init reset value 0, 1 or 2 (uninitialised); default 0
   */
  addLatch(name?: string | undefined, init = 0): number {
    if (init !== 0 && init !== 1 && init !== uninitialised) {
      throw new UsageError(`latch reset value ${init}`, { expected: '0, 1 or 2 (uninitialised)' });
    }
    const variable = this.newVariable(notAnAnd, notAnAnd);
    this.latchIndex.set(variable, this.latches.length);
    this.latches.push(variable);
    this.latchNext.push(2 * variable);
    this.latchInit.push(init);
    this.latchNames.push(name);
    return 2 * variable;
  }

  /** Sets the next-state literal of a latch. @throws UsageError when `latch` is not a positive latch literal */
  setNext(latch: number, next: number): void {
    const index = latch & 1 ? undefined : this.latchIndex.get(latch >>> 1);
    if (index === undefined) throw new UsageError(`literal ${latch} is not a latch`);
    this.latchNext[index] = this.known(next);
  }

  addOutput(literal: number, name?: string | undefined): number {
    this.outputNames.push(name);
    return this.outputs.push(this.known(literal)) - 1;
  }

  addBad(literal: number, name?: string | undefined): number {
    this.badNames.push(name);
    return this.bads.push(this.known(literal)) - 1;
  }

  addConstraint(literal: number, name?: string | undefined): number {
    this.constraintNames.push(name);
    return this.constraints.push(this.known(literal)) - 1;
  }

  addJustice(literals: readonly number[], name?: string | undefined): number {
    this.justiceNames.push(name);
    return this.justice.push(literals.map(x => this.known(x))) - 1;
  }

  addFairness(literal: number, name?: string | undefined): number {
    this.fairnessNames.push(name);
    return this.fairness.push(this.known(literal)) - 1;
  }

  /** Remembers that a net of the source drives, or is driven by, this literal. */
  nameNet(literal: number, name: string): void {
    const variable = this.known(literal) >>> 1;
    const entry = { name, complemented: (literal & 1) === 1 };
    const list = this.netNames.get(variable);
    if (list === undefined) this.netNames.set(variable, [entry]);
    else list.push(entry);
  }

  /** After `build`: the literal in the graph built of a literal of this builder. */
  finalLiteral(literal: number): number {
    const map = this.renumbering;
    return map === undefined ? literal : 2 * map[literal >>> 1]! + (literal & 1);
  }

  /** The finished graph. The builder hands its arrays over and must not be used to add nodes afterwards. */
  build(): Aig {
    const leaves = this.inputs.length + this.latches.length;
    const contiguous =
      this.inputs.every((v, i) => v === i + 1) &&
      this.latches.every((v, i) => v === this.inputs.length + i + 1);
    if (!contiguous) this.renumber();
    const final = (list: readonly number[]): Uint32Array => Uint32Array.from(list, x => this.finalLiteral(x));
    const exact = (array: Uint32Array): Uint32Array => {
      const view = array.subarray(leaves + 1, this.count);
      return array.length > 1.25 * this.count + 1024 ? view.slice() : view;
    };
    this.table = new Uint32Array(0);
    const nets = this.netNames;
    const names: AigNames = {
      model: this.model,
      inputs: some(this.inputNames),
      latches: some(this.latchNames),
      outputs: some(this.outputNames),
      bads: some(this.badNames),
      constraints: some(this.constraintNames),
      justice: some(this.justiceNames),
      fairness: some(this.fairnessNames),
      nets:
        nets.size === 0
          ? undefined
          : this.renumbering === undefined
            ? nets
            : new Map([...nets].map(([v, list]) => [this.finalLiteral(2 * v) >>> 1, list])),
    };
    return new Aig({
      inputCount: this.inputs.length,
      fanin0: exact(this.fanin0),
      fanin1: exact(this.fanin1),
      outputs: final(this.outputs),
      latchNext: final(this.latchNext),
      latchInit: Uint8Array.from(this.latchInit),
      bads: final(this.bads),
      constraints: final(this.constraints),
      justice: this.justice.map(final),
      fairness: final(this.fairness),
      names,
      comment: this.comment,
    });
  }

  /** Moves inputs and latches before the ANDs, keeping each group's order. */
  private renumber(): void {
    const map = new Uint32Array(this.count);
    let next = 1;
    for (const v of this.inputs) map[v] = next++;
    for (const v of this.latches) map[v] = next++;
    const { fanin0, fanin1 } = this;
    for (let v = 1; v < this.count; v++) if (fanin0[v] !== notAnAnd) map[v] = next++;
    const new0 = new Uint32Array(this.count);
    const new1 = new Uint32Array(this.count);
    for (let v = 1; v < this.count; v++) {
      const a = fanin0[v]!;
      if (a === notAnAnd) continue;
      const b = fanin1[v]!;
      const x = 2 * map[a >>> 1]! + (a & 1);
      const y = 2 * map[b >>> 1]! + (b & 1);
      new0[map[v]!] = x < y ? x : y;
      new1[map[v]!] = x < y ? y : x;
    }
    this.fanin0 = new0;
    this.fanin1 = new1;
    this.renumbering = map;
  }
}

function some(names: (string | undefined)[]): (string | undefined)[] | undefined {
  return names.some(x => x !== undefined) ? names : undefined;
}
