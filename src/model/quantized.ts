// Tells whether a model is quantized already, by the operators that only a quantizer writes.
// Refuses to judge weights: integer constants alone do not make a model quantized.

import type { Graph } from './graph.ts';

const quantizedOperators = new Set([
  'QuantizeLinear',
  'DequantizeLinear',
  'DynamicQuantizeLinear',
  'ConvInteger',
  'MatMulInteger',
  'QLinearConv',
  'QLinearMatMul',
]);

/** Operators of the com.microsoft domain that hold or make quantized values. */
const contributed =
  /^(MatMulNBits|MatMulBnb4|MatMulFpQ4|MatMulInteger16|MatMulIntegerToFloat|DynamicQuantizeMatMul|DynamicQuantizeLSTM|QLinear\w+|QGemm|QAttention|QMoE|QOrdered\w+|QEmbedLayerNormalization|ConvIntegerRelu|GatherBlockQuantized|NhwcMaxPool|QuantizeLinear|DequantizeLinear|QuantizeBFP|DequantizeBFP)$/;

/** Why the model counts as quantized already, naming a node; undefined when it does not. */
export function alreadyQuantized(graph: Graph): string | undefined {
  const count = new Map<string, number>();
  let first: string | undefined;
  const see = (op: string, domain: string, name: string): void => {
    const hit =
      domain === '' || domain === 'ai.onnx'
        ? quantizedOperators.has(op)
        : /^com\.(microsoft|ms)\b/.test(domain) && contributed.test(op);
    if (!hit) return;
    count.set(op, (count.get(op) ?? 0) + 1);
    first ??= `node '${name}' is ${op}`;
  };
  for (const node of graph.order()) see(node.op, node.domain, node.name);
  for (const f of graph.functions) {
    for (const node of f.node) see(node.opType, node.domain, `${f.name}/${node.name}`);
  }
  if (first === undefined) return undefined;
  const counts = [...count].map(([op, n]) => `${n} ${op}`).join(', ');
  return `the model is quantized already (${counts}; ${first})`;
}
