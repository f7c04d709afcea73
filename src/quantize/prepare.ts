// Brings a model into the form the quantizer works on: float32, newest operator set, constants folded, padding as numbers, batch normalization and other
// per-channel affine maps folded into the operators before them. Refuses models that are quantized already.

import { InputError } from '../core/errors.ts';
import { requireGraph } from '../model/graph.ts';
import {
  alreadyQuantized,
  explicitPads,
  foldAffine,
  foldConstants,
  type Graph,
  type LeftNode,
  type PassStatistics,
  quantizable,
  removeIdentities,
  requireFinite,
  type SinglePrecision,
  singlePrecision,
  singlePrecisionNote,
  upgradeOpset,
} from '../model/index.ts';

export interface Prepared {
  graph: Graph;
  passes: PassStatistics[];
  /** What was converted to float32. */
  precision: SinglePrecision;
  /** Nodes that deserve a warning because they stay in floating point. */
  left: LeftNode[];
}

/** @throws InputError for a quantized model, one without anything to quantize, or weights that are not finite */
export async function prepareGraph(source: Graph, signal?: AbortSignal): Promise<Prepared> {
  requireGraph('the model to prepare', source);
  const reason = alreadyQuantized(source);
  if (reason !== undefined) {
    throw new InputError(`${reason.replace('the model ', '')}`, {
      file: source.file,
      expected: 'a floating-point model',
    });
  }
  const graph = source.clone();
  const precision = singlePrecision(graph);
  if (precision.left !== undefined) {
    throw new InputError(singlePrecisionNote(precision)!, {
      file: source.file,
      expected: 'a model exported in float32',
    });
  }
  upgradeOpset(graph, 21);
  const passes = [
    removeIdentities(graph),
    await foldConstants(graph, { signal }),
    explicitPads(graph),
    foldAffine(graph),
  ];
  const found = quantizable(graph);
  if (found.nodes.length === 0) {
    const [reason] = found.left.filter(x => x.warn);
    const why = reason === undefined ? '' : `: ${reason.reason} (${reason.node.name})`;
    throw new InputError(`has nothing to quantize${why}`, {
      ...{ file: source.file, expected: 'a MatMul, Gemm or convolution with float32 operands' },
    });
  }
  for (const { weight } of found.nodes) {
    if (weight === undefined) continue;
    requireFinite(`weight '${weight.name}'`, graph.constant(weight.name)!.data, source.file);
  }
  return { graph, passes, precision, left: found.left.filter(x => x.warn) };
}
