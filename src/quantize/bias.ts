// Where an operator's bias lives, and shifting it. A convolution or Gemm without one gets one; a MatMul uses the Add that
// follows it, or gets an Add. Refuses nothing: returns false where the bias is not one constant per channel.

import { float32Tensor, type Graph, type QuantizableNode, toFloat32 } from '../model/index.ts';

/** Adds `shift` (one value per output channel) to the operator's output. @returns false when there is no place for it */
export function shiftBias(
  graph: Graph,
  found: QuantizableNode,
  nodeName: string,
  shift: Float64Array,
): boolean {
  const node = graph.node(nodeName)!;
  const channels = shift.length;
  if (found.kind === 'conv' || found.kind === 'gemm') {
    const name = node.inputs[2];
    if (!name) {
      const made = graph.addConstant(
        `${found.weight!.name}/bias`,
        float32Tensor([channels], Float32Array.from(shift)),
      );
      graph.setInput(node, 2, made);
      return true;
    }
    if (found.kind === 'gemm' && node.float('beta', 1) !== 1) return false;
    const constant = graph.constant(name);
    if (constant === undefined || constant.type !== 'float32' || constant.dims.at(-1) !== channels)
      return false;
    const old = toFloat32(constant);
    if (old.length !== channels) return false;
    const next = graph.addConstant(
      `${name}/shifted`,
      float32Tensor(
        constant.dims,
        old.map((b, k) => b + shift[k]!),
      ),
    );
    graph.setInput(node, 2, next);
    return true;
  }
  const users = graph.consumers(node.outputs[0]!);
  const add =
    users.length === 1 && users[0]!.is('Add') && !graph.isOutput(node.outputs[0]!) ? users[0]! : undefined;
  if (add !== undefined) {
    const side = add.inputs[0] === node.outputs[0] ? 1 : 0;
    const constant = graph.constant(add.inputs[side]);
    if (
      constant?.type === 'float32' &&
      constant.data.length === channels &&
      constant.dims.at(-1) === channels
    ) {
      const old = toFloat32(constant);
      const next = graph.addConstant(
        `${add.inputs[side]}/shifted`,
        float32Tensor(
          constant.dims,
          old.map((b, k) => b + shift[k]!),
        ),
      );
      graph.setInput(add, side, next);
      return true;
    }
  }
  const output = node.outputs[0]!;
  const inner = graph.uniqueName(`${output}/unshifted`);
  graph.replaceNode(node, { outputs: [inner] });
  const bias = graph.addConstant(`${output}/bias`, float32Tensor([channels], Float32Array.from(shift)));
  graph.addNode({ op: 'Add', name: `${node.name}/bias`, inputs: [inner, bias], outputs: [output] });
  return true;
}
