// Codes and scales of one layer's weights that minimize its output error on the calibration data.
// Per row (output channel), with H the input covariance: the target moves to undo errors of earlier layers (least squares
// against the fp32 outputs), codes follow by nearest-plane rounding with each vector's integer scale chosen on the way
// (GPTQ, Frantar et al. 2023, is the fixed-scale case), then coordinate descent on codes and scales and a closed-form
// coarse scale alternate. Refuses elements that are not signed integers: `canCompensate` tells.

import { codeArray, codeRange, type Format, geometry, type Quantized } from '../format/index.ts';
import { loadKernel } from '../kernels/load.ts';
import { type Breath, KernelPool, noBreath } from './breath.ts';
import { type Layer, readRow, vectorForm, weightIndex } from './layers.ts';
import type { Moments } from './moments.ts';
import type { ResolvedOptions } from './options.ts';
import { type LatticeKernel, RowSolver } from './row-solver.ts';

export interface CompensateResult {
  quantized: Quantized;
  /** Weights the codes were fitted to minus the original ones, relative energy. */
  moved: number;
}

/** True when the layer and format are ones this module can fit: integer elements, integer or fp32 scales. */
export function canCompensate(layer: Layer, format: Format): boolean {
  if (layer.rows === undefined || format.element.kind !== 'int' || !format.element.signed) return false;
  const { scaling } = format;
  if (scaling.kind === 'vector') {
    return (scaling.scale.kind === 'uint' || scaling.scale.kind === 'fp32') && scaling.width <= 256;
  }
  return scaling.kind !== 'none';
}

const pool = new KernelPool(() => loadKernel<LatticeKernel>('lattice'));

/** Fits a layer. @param weight row-major as in the model; @param breath awaited between rows */
export async function compensate(
  layer: Layer,
  format: Format,
  weight: Float32Array,
  moments: Moments,
  options: ResolvedOptions,
  breath: Breath = noBreath,
): Promise<CompensateResult> {
  return pool.use(kernel => fitLayer(kernel, layer, format, weight, moments, options, breath));
}

async function fitLayer(
  kernel: LatticeKernel & { memory: WebAssembly.Memory },
  layer: Layer,
  format: Format,
  weight: Float32Array,
  moments: Moments,
  options: ResolvedOptions,
  breath: Breath,
): Promise<CompensateResult> {
  const form = layer.rows!;
  const { scaling } = format;
  const vectors = vectorForm(layer, format);
  const codes = codeArray(format.element, weight.length);
  const g = geometry(layer.layout, format);
  const twoLevel = scaling.kind === 'vector' && scaling.scale.kind === 'uint';
  const single = scaling.kind === 'vector' && !twoLevel;
  const scales = new Float32Array(twoLevel ? form.rows : Math.max(1, g.groups));
  const largest = twoLevel ? 2 ** (scaling.scale as { bits: number }).bits - 1 : 1;
  const scaleCodes = twoLevel
    ? largest > 255
      ? new Uint16Array(g.groups)
      : new Uint8Array(g.groups)
    : undefined;
  const { high } = codeRange(format.element);
  const perGroup = form.rows / form.group;
  let tensorScale = 0;
  if (scaling.kind === 'tensor') {
    let peak = 0;
    for (const w of weight) peak = Math.max(peak, Math.abs(w));
    tensorScale = Math.fround(peak / high);
    scales[0] = tensorScale;
  }
  const row = new Float32Array(form.features);
  let moved = 0;
  let energy = 0;
  for (let group = 0; group < form.group; group++) {
    const solver = new RowSolver(kernel, form, moments.groups[group]!, moments.positions, vectors.bounds, {
      ...{ high, largest: single ? Infinity : largest, options },
      mode: twoLevel ? 'integer' : single ? 'real' : tensorScale > 0 ? 'fixed' : 'shared',
      given: tensorScale,
    });
    for (let k = group * perGroup; k < (group + 1) * perGroup; k++) {
      const pause = breath();
      if (pause !== undefined) await pause;
      readRow(form, weight, k, row);
      const fit = solver.fit(row);
      if (fit === undefined) continue; // a dead row: codes and scales stay 0
      for (let i = 0; i < form.features; i++) codes[weightIndex(form, k, i)] = fit.codes[i]!;
      moved += fit.moved;
      energy += fit.energy;
      if (twoLevel) scales[k] = fit.gamma;
      else if (scaling.kind === 'channel') scales[k] = fit.gamma;
      for (let v = 0; v + 1 < vectors.bounds.length; v++) {
        if (twoLevel) scaleCodes![vectors.scaleIndex(k, v)] = fit.scales[v]!;
        else if (single) scales[vectors.scaleIndex(k, v)] = Math.fround(fit.scales[v]! * fit.gamma);
      }
    }
  }
  return {
    quantized: { format, layout: layer.layout, codes, scales, scaleCodes },
    moved: energy > 0 ? moved / energy : 0,
  };
}
