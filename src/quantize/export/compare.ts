// Reads quantized weights back out of an exported graph and compares them with the quantizer's, code by code.
// Refuses the file at the first code, scale code or scale that differs.

import { BitwrightError } from '../../core/errors.ts';
import { decode } from '../../format/index.ts';
import type { Graph, GraphNode, NumericArray, Tensor } from '../../model/index.ts';
import type { QuantizedWeight } from '../quantize.ts';
import { blockScales, microsoft, type NBits, unpackNBits } from './matmulnbits.ts';
import { storedCodes } from './storage.ts';

export interface CodeComparison {
  weights: number;
  codes: number;
  scaleCodes: number;
  scales: number;
}

/** A weight as the file has it. */
export interface StoredWeight {
  codes: NumericArray;
  scales: Float32Array | undefined;
  scaleCodes: NumericArray | undefined;
}

/**
 * Compares every weight of a graph read from an exported file.
 * @param nbits weights that MatMulNBits holds, by constant name
 * @throws BitwrightError naming weight and index of the first difference
 */
export function compareCodes(
  graph: Graph,
  weights: readonly QuantizedWeight[],
  nbits: ReadonlyMap<string, NBits> = new Map(),
): CodeComparison {
  const counts: CodeComparison = { weights: 0, codes: 0, scaleCodes: 0, scales: 0 };
  for (const weight of weights) {
    const form = nbits.get(weight.constant);
    const { quantized } = weight;
    if (form !== undefined) {
      const stored = storedNBits(graph, weight, form);
      counts.codes += same(weight, 'code', stored.codes, quantized.codes);
      counts.scales += same(weight, 'scale', stored.scales!, blockScales(weight, form));
    } else {
      const stored = storedWeight(graph, weight);
      if (stored === undefined) {
        const values = graph.constant(weight.constant)!.data as Float32Array;
        counts.codes += same(weight, 'value', values, decode(quantized));
      } else {
        counts.codes += same(weight, 'code', stored.codes, quantized.codes);
        if (quantized.scaleCodes !== undefined)
          counts.scaleCodes += same(weight, 'scale code', stored.scaleCodes ?? [], quantized.scaleCodes);
        if (stored.scales !== undefined)
          counts.scales += same(weight, 'scale', stored.scales, quantized.scales);
      }
    }
    counts.weights++;
  }
  return counts;
}

function same(
  weight: QuantizedWeight,
  what: string,
  stored: ArrayLike<number | bigint>,
  wanted: ArrayLike<number>,
): number {
  if (stored.length !== wanted.length) {
    throw new BitwrightError(`${stored.length} ${what}s in the exported file`, {
      node: weight.constant,
      expected: `${wanted.length}`,
    });
  }
  for (let i = 0; i < wanted.length; i++) {
    if (stored[i] === wanted[i]) continue;
    throw new BitwrightError(`${what} ${i} in the exported file is ${stored[i]}`, {
      node: weight.constant,
      expected: `${wanted[i]} as quantized`,
    });
  }
  return wanted.length;
}

/** Codes and scales of a weight; undefined when the file holds its float32 values. @throws BitwrightError for operators an export does not write */
function storedWeight(graph: Graph, weight: QuantizedWeight): StoredWeight | undefined {
  const { constant } = weight;
  if (graph.constant(constant) !== undefined) return undefined;
  const unknown = (node: GraphNode | undefined): never => {
    throw new BitwrightError(`weight is made by ${node?.op ?? 'nothing'} in the exported file`, {
      node: constant,
      expected: 'an operator that decodes it',
    });
  };
  const held = (name: string | undefined): Tensor =>
    graph.constant(name) ?? unknown(graph.producer(name ?? ''));
  let node = graph.producer(constant);
  if (node?.is('Reshape')) node = graph.producer(node.inputs[0]!);
  let scale: string | undefined;
  if (node?.is('DequantizeLinear')) scale = node.inputs[1];
  else if (node?.is('Mul') || node?.op === 'ScaleVectors') {
    scale = node.inputs[1];
    node = graph.producer(node.inputs[0]!);
  }
  const decodes = node?.is('DequantizeLinear') || node?.is('Cast') || node?.op === 'Lookup';
  if (node === undefined || !decodes) return unknown(node);
  const tensor = held(node.inputs[0]);
  const codes = storedCodes(tensor);
  if (scale === undefined) return { codes, scales: undefined, scaleCodes: undefined };
  const direct = graph.constant(scale);
  const none = weight.quantized.format.scaling.kind === 'none';
  if (direct !== undefined) {
    return { codes, scales: none ? undefined : (direct.data as Float32Array), scaleCodes: undefined };
  }
  const maker = graph.producer(scale);
  if (maker?.is('DequantizeLinear')) {
    return {
      codes,
      scaleCodes: storedCodes(held(maker.inputs[0])),
      scales: held(maker.inputs[1]).data as Float32Array,
    };
  }
  if (maker?.op === 'Lookup')
    return { codes, scaleCodes: storedCodes(held(maker.inputs[0])), scales: undefined };
  return unknown(maker);
}

function storedNBits(graph: Graph, weight: QuantizedWeight, form: NBits): StoredWeight {
  const packed = graph.constant(`${weight.constant}/nbits`);
  const scales = graph.constant(`${weight.constant}/scales`);
  const node = [...graph.nodes].find(
    n => n.domain === microsoft && n.op === 'MatMulNBits' && n.inputs[1] === `${weight.constant}/nbits`,
  );
  if (packed === undefined || scales === undefined || node === undefined) {
    throw new BitwrightError('weight is missing in the exported file', {
      node: weight.constant,
      expected: 'a MatMulNBits',
    });
  }
  const codes = unpackNBits(packed.data as Uint8Array, form);
  return { codes, scales: scales.data as Float32Array, scaleCodes: undefined };
}
