// MatMul and Gemm with constant weights as com.microsoft.MatMulNBits, ONNX Runtime's own fast operator. Not standard ONNX.
// Refuses all but int4 and int8 (and narrower) codes in vectors of 16 to 256 along K, and says why.

import { UsageError } from '../../core/errors.ts';
import { effectiveScales, elementBits, geometry, printFormat } from '../../format/index.ts';
import {
  attribute,
  float32Tensor,
  type Graph,
  type GraphNode,
  makeTensor,
  quantizable,
} from '../../model/index.ts';
import { assignFormats } from '../assign.ts';
import { layerOf } from '../layers.ts';
import type { QuantizeOptions } from '../options.ts';
import type { QuantizedWeight } from '../quantize.ts';
import type { WeightStatistics } from './weights.ts';

export const microsoft = 'com.microsoft';

/** The layout of MatMulNBits: bits, K, N, block length and blocks along K. */
export interface NBits {
  bits: 4 | 8;
  k: number;
  n: number;
  block: number;
  blocks: number;
  /** Weight stored [N, K] (Gemm with transB) rather than [K, N]. */
  transposed: boolean;
}

/** What decides whether MatMulNBits can hold a weight: known before it is quantized. */
export type PlannedWeight = Pick<QuantizedWeight, 'constant' | 'shape'> & {
  quantized: Pick<QuantizedWeight['quantized'], 'format' | 'layout'>;
};

/**
 * Refuses options under which MatMulNBits would apply to no layer, before anything is quantized.
 * @throws UsageError with the reason for the first weight
 */
export function requireNBits(graph: Graph, options: QuantizeOptions): void {
  const { nodes } = quantizable(graph);
  const { assignments } = assignFormats(nodes, options);
  let first: { constant: string; reason: string } | undefined;
  for (const [i, found] of nodes.entries()) {
    const format = assignments[i]!.weights;
    if (found.weight === undefined || format === undefined) continue;
    const layer = layerOf(graph, found);
    const { dims } = graph.constant(layer.weight)!;
    const planned = { constant: layer.weight, shape: dims, quantized: { format, layout: layer.layout } };
    const form = nbitsOf(graph, planned);
    if (typeof form !== 'string') return;
    first ??= { constant: layer.weight, reason: form };
  }
  throw appliesNowhere(first);
}

export function appliesNowhere(first: { constant: string; reason: string } | undefined): UsageError {
  return new UsageError('MatMulNBits applies to no layer', {
    node: first?.constant,
    expected: `MatMul or Gemm weights in int4@v16 to int8@v128${first === undefined ? '' : ` (here: ${first.reason})`}`,
  });
}

/** The layout, or the reason why MatMulNBits cannot hold this weight. */
export function nbitsOf(graph: Graph, weight: PlannedWeight): NBits | string {
  const { quantized, shape, constant } = weight;
  const { element, scaling } = quantized.format;
  const users = graph.consumers(constant);
  if (users.length === 0) return 'nothing uses it';
  for (const user of users) {
    const reason = unfit(user, constant);
    if (reason !== undefined) return reason;
  }
  if (shape.length !== 2) return `the weight has ${shape.length} dimensions`;
  if (element.kind !== 'int' || !element.signed || elementBits(element) > 8)
    return `${printFormat(quantized.format)} is not a signed integer of up to 8 bits`;
  if (scaling.kind !== 'vector') return `${printFormat(quantized.format)} has no vectors`;
  const { width } = scaling;
  if (![16, 32, 64, 128, 256].includes(width)) return `vectors of ${width} elements`;
  const { reductionAxis } = quantized.layout;
  const transposed = users[0]!.is('Gemm') && users[0]!.int('transB', 0) !== 0;
  if (users.some(u => (u.is('Gemm') && u.int('transB', 0) !== 0) !== transposed))
    return 'it is used both as it is and transposed';
  if (reductionAxis !== (transposed ? 1 : 0)) return `vectors run along axis ${reductionAxis}`;
  const [k, n] = transposed ? [shape[1]!, shape[0]!] : [shape[0]!, shape[1]!];
  if (k === 0 || n === 0) return 'it is empty';
  const bits = elementBits(element) <= 4 ? 4 : 8;
  return { bits, k, n, block: width, blocks: Math.ceil(k / width), transposed };
}

function unfit(node: GraphNode, constant: string): string | undefined {
  if (node.is('MatMul'))
    return node.inputs[1] === constant && node.inputs[0] !== constant ? undefined : 'it is the left operand';
  if (!node.is('Gemm')) return `it belongs to ${node.op}, not to MatMul or Gemm`;
  if (node.inputs[1] !== constant || node.inputs[0] === constant) return 'it is the left operand';
  if (node.int('transA', 0) !== 0) return 'the Gemm transposes its left operand';
  if (node.float('alpha', 1) !== 1 || node.float('beta', 1) !== 1) return 'the Gemm scales its terms';
  return undefined;
}

/** Rewrites every user of a weight. @param accuracyLevel 0: float32 inside; 4: activations to 8 bits inside, faster */
export function writeNBits(
  graph: Graph,
  weight: QuantizedWeight,
  form: NBits,
  accuracyLevel: 0 | 4,
): WeightStatistics {
  const { quantized, constant, node: owner, shape } = weight;
  const users = graph.consumers(constant);
  const packed = packNBits(quantized.codes, form);
  const scales = blockScales(weight, form);
  const size = (form.block * form.bits) / 8;
  const b = graph.addConstant(`${constant}/nbits`, makeTensor('uint8', [form.n, form.blocks, size], packed));
  const s = graph.addConstant(`${constant}/scales`, float32Tensor([form.n * form.blocks], scales));
  graph.opsets.set(microsoft, 1);
  for (const user of users) {
    const [output] = user.outputs as [string];
    const bias = user.is('Gemm') ? user.inputs[2] : undefined;
    const target = bias ? graph.uniqueName(`${user.name}/product`) : output;
    const input = user.inputs[0]!;
    graph.removeNode(user);
    graph.addNode({
      ...{ op: 'MatMulNBits', domain: microsoft, name: user.name, inputs: [input, b, s], outputs: [target] },
      attributes: {
        ...{ K: attribute.int(form.k), N: attribute.int(form.n), bits: attribute.int(form.bits) },
        block_size: attribute.int(form.block),
        accuracy_level: attribute.int(accuracyLevel),
      },
    });
    if (bias)
      graph.addNode({ op: 'Add', name: `${user.name}/bias`, inputs: [target, bias], outputs: [output] });
  }
  graph.removeConstant(constant);
  const { element, scaling } = quantized.format;
  const coded = scaling.kind === 'vector' && scaling.scale.kind !== 'fp32';
  return {
    ...{ node: owner, constant, format: printFormat(quantized.format), shape, codes: 'uint8' },
    ...{ scales: 'float32', form: 'MatMulNBits', elements: form.k * form.n },
    wider: coded || elementBits(element) < form.bits,
    bytes: packed.byteLength + scales.byteLength,
  };
}

/** Codes plus 2^(bits-1), channel by channel, blocks padded with the code of zero; two a byte at 4 bits, low first. */
function packNBits(codes: ArrayLike<number>, form: NBits): Uint8Array {
  const { bits, k, n, block, blocks, transposed } = form;
  const zero = 2 ** (bits - 1);
  const out = new Uint8Array((n * blocks * block * bits) / 8);
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < blocks * block; i++) {
      const code = i < k ? codes[transposed ? row * k + i : i * n + row]! : 0;
      const at = row * blocks * block + i;
      if (bits === 8) out[at] = code + zero;
      else out[at >> 1] = out[at >> 1]! | (((code + zero) & 15) << ((at & 1) * 4));
    }
  }
  return out;
}

/** Inverse of `packNBits`, in the weight's own order. */
export function unpackNBits(packed: Uint8Array, form: NBits): Int8Array {
  const { bits, k, n, block, blocks, transposed } = form;
  const out = new Int8Array(k * n);
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < k; i++) {
      const at = row * blocks * block + i;
      const raw = bits === 8 ? packed[at]! : (packed[at >> 1]! >> ((at & 1) * 4)) & 15;
      out[transposed ? row * k + i : i * n + row] = raw - 2 ** (bits - 1);
    }
  }
  return out;
}

/** fp32 multiplier of each (channel, block). */
export function blockScales({ quantized }: QuantizedWeight, form: NBits): Float32Array {
  const effective = effectiveScales(quantized);
  const { groups } = geometry(quantized.layout, quantized.format);
  const out = new Float32Array(groups);
  for (let row = 0; row < form.n; row++) {
    for (let b = 0; b < form.blocks; b++) {
      out[row * form.blocks + b] = effective[form.transposed ? row * form.blocks + b : b * form.n + row]!;
    }
  }
  return out;
}
