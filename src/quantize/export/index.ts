// Public face of export: a quantized model to ONNX, and the comparisons made after writing.

export type { ActivationStatistics } from './activations.ts';
export { type CodeComparison, compareCodes, type StoredWeight, storedWeight } from './compare.ts';
export {
  type ExportFormat,
  type ExportOptions,
  type ExportResult,
  type ExportStatistics,
  exportFormats,
  exportModel,
} from './export.ts';
export { functionDomain } from './functions.ts';
export { requireNBits } from './matmulnbits.ts';
export { compareDecoded, compareRuns, type OutputComparison } from './verify.ts';
export type { WeightStatistics } from './weights.ts';
