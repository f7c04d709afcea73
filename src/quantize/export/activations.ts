// Activation quantizers in the file: QuantizeLinear and DequantizeLinear where the scale is static and one for the tensor,
// else the inserted operators lifted as they are into a model-local function. Refuses to change what is computed.

import { codeRange, elementBits, printFormat } from '../../format/index.ts';
import {
  attribute,
  type DataType,
  float32Tensor,
  type Graph,
  type GraphNode,
  type Tensor,
} from '../../model/index.ts';
import type { ActivationQuantizer } from '../activations.ts';
import type { BodyNode, LocalFunctions } from './functions.ts';
import { codesTensor } from './storage.ts';

export interface ActivationStatistics {
  value: string;
  format: string;
  /** Operators, or the function called. */
  form: string;
}

/**
 * Rewrites one inserted quantizer in place; the name of its output stays. Vectors keep the operators: ONNX Runtime 1.30 makes
 * QuantizeLinear before a product of one, and then a model of its own that it refuses.
 */
export function writeActivation(
  graph: Graph,
  quantizer: ActivationQuantizer,
  functions: LocalFunctions,
): ActivationStatistics {
  const { format, value } = quantizer;
  const form =
    format.scaling.kind === 'tensor' && format.element.kind === 'int' && quantizer.rank > 1
      ? writeStatic(graph, quantizer)
      : lift(graph, quantizer, functions);
  return { value, format: printFormat(format), form };
}

/**
 * code = saturate(round(x / s)) is QuantizeLinear's own definition. Signed codes are symmetric, so x is clipped first where
 * the stored type reaches further than the format: clip(x, fl(low s), fl(high s)) / s rounds to the same code.
 */
function writeStatic(graph: Graph, quantizer: ActivationQuantizer): string {
  const { format, coarse, offset } = quantizer;
  const { low, high } = codeRange(format.element);
  const bits = elementBits(format.element);
  // No 4-bit codes here: ONNX Runtime's fusion of Clip or Relu into QuantizeLinear refuses to load them.
  const wide = bits <= 8 ? 8 : 16;
  const type = `${low < 0 ? 'int' : 'uint'}${wide}` as DataType;
  const saturates = low === 0 && bits === wide;
  const form: string[] = [];
  const stem = `${quantizer.value}/q`;
  for (const name of quantizer.nodes) graph.removeNode(graph.node(name)!);
  const number = (x: number): string => graph.addConstant(`${stem}/c`, float32Tensor([], [x]));
  const last = offset === 0 ? 'DequantizeLinear' : 'Add';
  const add = (op: string, inputs: string[]): string => {
    const output = op === last ? quantizer.output : graph.uniqueName(`${stem}/${op}`);
    graph.addNode({ op, name: `${stem}/${op}`, inputs, outputs: [output] });
    form.push(op);
    return output;
  };
  let x = quantizer.value;
  if (offset !== 0) x = add('Sub', [x, number(offset)]);
  if (!saturates) x = add('Clip', [x, number(Math.fround(low * coarse)), number(Math.fround(high * coarse))]);
  const scale = number(coarse);
  const zero = graph.addConstant(`${stem}/zero`, codesTensor(type, [], Int8Array.of(0)));
  x = add('QuantizeLinear', [x, scale, zero]);
  x = add('DequantizeLinear', [x, scale, zero]);
  if (offset !== 0) add('Add', [x, number(offset)]);
  return form.join(' + ');
}

/** Moves the quantizer's nodes into a function; equal bodies share one. The coarse scale and the offset become inputs. */
function lift(graph: Graph, quantizer: ActivationQuantizer, functions: LocalFunctions): string {
  const own = new Set(quantizer.nodes);
  const nodes = graph.order().filter(n => own.has(n.name));
  const names = new Map<string, string>([[quantizer.value, 'x']]);
  const inputs = ['x'];
  const passed = [quantizer.value];
  const body: BodyNode[] = [];
  const baked = new Map<string, string>();
  const bake = (tensor: Tensor): string => {
    const key = `${tensor.type}[${tensor.dims.join()}]${Array.from(tensor.data as ArrayLike<unknown>, String).join()}`;
    const known = baked.get(key);
    if (known !== undefined) return known;
    const name = `k${baked.size}`;
    baked.set(key, name);
    body.push({
      op: 'Constant',
      inputs: [],
      outputs: [name],
      attributes: { value: attribute.tensor(tensor) },
    });
    return name;
  };
  const pass = (name: string, value: string): string => {
    if (!inputs.includes(name)) {
      inputs.push(name);
      passed.push(value);
    }
    return name;
  };
  const inside = (value: string): string => {
    const known = names.get(value);
    if (known !== undefined || value === '') return known ?? '';
    const tensor = graph.constant(value);
    if (tensor === undefined) return pass(`x${inputs.length}`, value);
    const single = tensor.type === 'float32' && tensor.dims.length === 0;
    const number = single ? (tensor.data as Float32Array)[0]! : Number.NaN;
    if (quantizer.offset !== 0 && number === quantizer.offset) return pass('offset', value);
    if (number === quantizer.coarse && isTwoLevel(quantizer)) return pass('gamma', value);
    return bake(tensor);
  };
  let counter = 0;
  for (const node of nodes) {
    const from = node.inputs.map(inside);
    const to = node.outputs.map(output => {
      const name = output === quantizer.output ? 'y' : `v${counter++}`;
      names.set(output, name);
      return name;
    });
    body.push({ op: node.op, inputs: from, outputs: to, attributes: plain(node) });
  }
  for (const node of nodes) graph.removeNode(node);
  const { format, axis, rank } = quantizer;
  return functions.call(
    {
      name: `QuantizeDequantize_${printFormat(format).replace(/[@:.]/g, '_')}_axis${axis}_rank${rank}`,
      doc: `Activations in ${printFormat(format)}: vectors along axis ${axis}, scales found at run time.`,
      ...{ inputs, outputs: ['y'], nodes: body },
    },
    passed,
    [quantizer.output],
    { name: `${quantizer.value}/q` },
  );
}

function isTwoLevel({ format }: ActivationQuantizer): boolean {
  return format.scaling.kind === 'vector' && format.scaling.scale.kind !== 'fp32';
}

function plain(node: GraphNode): Record<string, ReturnType<typeof attribute.int>> {
  return Object.fromEntries(node.attributes);
}
