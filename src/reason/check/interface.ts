// Which inputs of a netlist are the operands of a multiplier and which outputs its product: by names, else by order.
// Refuses sequential netlists and inputs it cannot split in two operands.

import { InputError, UsageError } from '../../core/errors.ts';
import type { Aig } from '../../netlist/index.ts';

/** Operands and product of a multiplier netlist, least significant bit first. */
export interface MultiplierInterface {
  /** Names of the operands, `a` and `b` when the netlist has none. */
  names: [string, string];
  /** Input indices of each operand's bits. */
  operands: [number[], number[]];
  /** Output literals of the product's bits. */
  product: number[];
}

interface Bus {
  stem: string;
  bits: number[];
}

/**
 * Splits the inputs and orders the outputs. Names such as a0, a[0], a_0, a<0> group bits into buses and order them; when
 * the inputs do not form exactly two buses, order decides: first operand, then second, least significant bits first.
 * @param operands `undefined`; widths `8,8` by order; or names of the two buses `x,y`
 * @throws InputError, UsageError
 */
export function multiplierInterface(aig: Aig, operands?: string): MultiplierInterface {
  if (aig.latchCount > 0) {
    throw new InputError(`the netlist has ${aig.latchCount} latches`, {
      expected: 'a combinational multiplier',
    });
  }
  if (aig.inputCount < 2 || aig.outputs.length === 0) {
    throw new InputError(`a netlist of ${aig.inputCount} inputs and ${aig.outputs.length} outputs`, {
      expected: 'two operands and a product',
    });
  }
  const product = order(aig.names.outputs, aig.outputs.length).map(i => aig.outputs[i]!);
  const buses = group(aig.names.inputs, aig.inputCount);
  if (operands === undefined) {
    if (buses?.length === 2) return fromBuses(buses[0]!, buses[1]!, product);
    if (aig.inputCount % 2 !== 0) {
      throw new InputError(`${aig.inputCount} inputs without the names of two operands`, {
        expected: 'widths by --operands, for example --operands 8,5',
      });
    }
    return byOrder(aig.inputCount / 2, aig.inputCount, product);
  }
  const parts = operands.split(',').map(x => x.trim());
  if (parts.length !== 2 || parts.some(x => x === '')) {
    throw new UsageError(`--operands got '${operands}'`, {
      expected: 'two widths or two names, as 8,8 or a,b',
    });
  }
  const [first, second] = parts as [string, string];
  if (/^\d+$/.test(first) && /^\d+$/.test(second)) {
    const n = Number(first);
    if (n < 1 || Number(second) < 1 || n + Number(second) !== aig.inputCount) {
      throw new UsageError(`--operands got '${operands}'`, {
        expected: `two positive widths with the sum ${aig.inputCount}`,
      });
    }
    return byOrder(n, aig.inputCount, product);
  }
  const find = (stem: string): Bus => {
    const bus = buses?.find(b => b.stem === stem);
    if (bus === undefined) {
      throw new UsageError(`no input bus '${stem}'`, {
        expected: `one of ${
          buses
            ?.slice(0, 8)
            .map(b => b.stem)
            .join(', ') ?? 'none: the inputs have no names'
        }`,
      });
    }
    return bus;
  };
  const a = find(first);
  const b = find(second);
  if (a === b || a.bits.length + b.bits.length !== aig.inputCount) {
    throw new UsageError(`--operands got '${operands}'`, { expected: 'two buses that hold every input' });
  }
  return fromBuses(a, b, product);
}

function fromBuses(a: Bus, b: Bus, product: number[]): MultiplierInterface {
  return { names: [a.stem, b.stem], operands: [a.bits, b.bits], product };
}

function byOrder(n: number, count: number, product: number[]): MultiplierInterface {
  const indices = Array.from({ length: count }, (_, i) => i);
  return { names: ['a', 'b'], operands: [indices.slice(0, n), indices.slice(n)], product };
}

/** Buses in order of first appearance, or undefined unless every name ends in a number and bits run 0, 1, 2 … */
function group(names: (string | undefined)[] | undefined, count: number): Bus[] | undefined {
  if (names === undefined) return undefined;
  const buses = new Map<string, Map<number, number>>();
  for (let i = 0; i < count; i++) {
    const match = /^(.*?)[[(<{_.]*(\d{1,7})[\])>}]?$/.exec(names[i] ?? '');
    if (match === null || match[1] === '') return undefined;
    const stem = match[1]!;
    let bits = buses.get(stem);
    if (bits === undefined) buses.set(stem, (bits = new Map()));
    if (bits.has(Number(match[2]))) return undefined;
    bits.set(Number(match[2]), i);
  }
  const result: Bus[] = [];
  for (const [stem, bits] of buses) {
    const list: number[] = [];
    for (let i = 0; i < bits.size; i++) {
      const index = bits.get(i);
      if (index === undefined) return undefined;
      list.push(index);
    }
    result.push({ stem, bits: list });
  }
  return result;
}

function order(names: (string | undefined)[] | undefined, count: number): number[] {
  const buses = group(names, count);
  if (buses?.length === 1) return buses[0]!.bits;
  return Array.from({ length: count }, (_, i) => i);
}
