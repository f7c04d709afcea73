// How much each layer's weight format disturbs the network's output, measured on calibration data alone: one layer at a
// time is rounded, the others stay in fp32. Refuses labels: it compares outputs with those of the fp32 network.

import { AbortedError } from '../core/errors.ts';
import { noProgress } from '../core/progress.ts';
import { decode, encode, type FormatLike, printFormat, storageBits } from '../format/index.ts';
import { requireGraph } from '../model/graph.ts';
import { type Feeds, float32Tensor, type Graph, quantizable, toFloat32 } from '../model/index.ts';
import { type Agreement, compareWith, outputsOf } from './evaluate.ts';
import { layerOf } from './layers.ts';
import type { QuantizeContext } from './quantize.ts';

export interface LayerSensitivity {
  node: string;
  op: string;
  shape: readonly number[];
  format: string;
  elements: number;
  bits: number;
  /** Signal to noise at the network's output, dB, and share of unchanged largest elements, percent. */
  sqnr: number;
  top1: number;
  /** Mean divergence of the output distributions, nats; undefined when outputs are not distributions. */
  divergence: number | undefined;
}

/**
 * Output disturbance of every layer under every format, worst layer first within a format.
 * @param calibration batches; a few suffice, since layers are compared with each other
 */
export async function sensitivity(
  graph: Graph,
  formats: readonly FormatLike[],
  calibration: readonly Feeds[],
  context: QuantizeContext = {},
): Promise<LayerSensitivity[]> {
  requireGraph('the model of sensitivity', graph);
  const run = { threads: context.threads, signal: context.signal };
  const reference = await outputsOf(graph, calibration, run);
  const layers = quantizable(graph).nodes.filter(x => x.weight !== undefined);
  const bar = (context.progress ?? noProgress)('sensitivity', layers.length * formats.length, ' layers');
  const out: LayerSensitivity[] = [];
  try {
    for (const format of formats) {
      for (const found of layers) {
        if (context.signal?.aborted === true) throw new AbortedError('stopped');
        const layer = layerOf(graph, found);
        const tensor = graph.constant(layer.weight)!;
        const trial = graph.clone();
        const values = decode(encode(toFloat32(tensor), layer.layout, format, { scaleChoice: 'search' }));
        trial.setConstant(layer.weight, float32Tensor(tensor.dims, values));
        const a: Agreement = await compareWith(reference, trial, calibration, run);
        const elements = values.length;
        out.push({
          ...{
            node: found.node.name,
            op: found.node.op,
            shape: found.weight!.shape,
            format: printFormat(format),
          },
          ...{ elements, bits: storageBits(format, layer.layout) / Math.max(1, elements) },
          ...{ sqnr: a.sqnr, top1: a.top1, divergence: a.divergence },
        });
        bar.update(out.length, found.node.name);
      }
    }
  } finally {
    bar.end();
  }
  return out;
}

/** Disturbance as one additive number: divergence where outputs are distributions, else noise over signal. */
export function disturbance(s: Pick<LayerSensitivity, 'sqnr' | 'divergence'>): number {
  return Math.max(0, s.divergence ?? 10 ** (-s.sqnr / 10));
}
