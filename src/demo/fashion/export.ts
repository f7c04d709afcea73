// Writes the trained network as ONNX (opset 13), batch normalization kept as nodes of its own.

import { attribute, float32Tensor, Graph, serializeModel } from '../../model/index.ts';
import { Convolution, Depthwise } from './convolution.ts';
import { SIZE } from './draw.ts';
import { garmentNames } from './garments.ts';
import { Dense, EPSILON, Flatten, MaxPool, NormRectify } from './layers.ts';
import type { FashionNetwork } from './network.ts';

export const INPUT = 'pictures';
export const OUTPUT = 'logits';

/** ONNX bytes: `pictures` [batch, 1, 28, 28] of 0..1 to `logits` [batch, 10]. */
export function exportFashion(network: FashionNetwork): Uint8Array {
  const graph = new Graph();
  graph.name = 'fashion';
  graph.opsets.set('', 13);
  graph.inputs = [{ name: INPUT, type: { type: 'float32', shape: ['batch', 1, SIZE, SIZE] } }];
  graph.outputs = [{ name: OUTPUT, type: { type: 'float32', shape: ['batch', garmentNames.length] } }];
  let at = INPUT;
  const last = network.layers.at(-1);
  const node = (
    op: string,
    name: string,
    extra: string[],
    attributes: Parameters<Graph['addNode']>[0]['attributes'],
    output = `${name}.out`,
  ): void => {
    graph.addNode({ op, name, inputs: [at, ...extra], outputs: [output], attributes });
    at = output;
  };
  const constant = (name: string, dims: readonly number[], values: Float32Array): string =>
    graph.addConstant(name, float32Tensor(dims, values.slice()));
  let pools = 0;
  for (const layer of network.layers) {
    const constants = layer.parameters.map(p => constant(p.name, p.dims, p.values));
    const name = layer.parameters[0]?.name.replace(/\.(weight|scale)$/, '') ?? '';
    if (layer instanceof Convolution || layer instanceof Depthwise) {
      const kernel = layer.parameters[0]!.dims[2]!;
      const pad = kernel >> 1;
      node('Conv', name, constants, {
        kernel_shape: attribute.ints([kernel, kernel]),
        pads: attribute.ints([pad, pad, pad, pad]),
        group: attribute.int(layer instanceof Depthwise ? layer.output.channels : 1),
      });
    } else if (layer instanceof NormRectify) {
      const channels = [layer.output.channels];
      const statistics = [
        constant(`${name}.mean`, channels, layer.mean),
        constant(`${name}.variance`, channels, layer.variance),
      ];
      node('BatchNormalization', name, [...constants, ...statistics], { epsilon: attribute.float(EPSILON) });
      node('Relu', name.replace(/norm$/, 'relu'), [], {});
    } else if (layer instanceof MaxPool) {
      pools++;
      node('MaxPool', `pool${pools}`, [], {
        kernel_shape: attribute.ints([2, 2]),
        strides: attribute.ints([2, 2]),
      });
    } else if (layer instanceof Flatten) {
      node('Flatten', 'flatten', [], { axis: attribute.int(1) });
    } else if (layer instanceof Dense) {
      const output = layer === last ? OUTPUT : `${name}.out`;
      node('Gemm', name, constants, { transB: attribute.int(1) }, output);
      if (layer.rectify) node('Relu', `${name}.relu`, [], {});
    }
  }
  return serializeModel(graph);
}
