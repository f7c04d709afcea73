// Public face of export: a quantized model to ONNX, and the comparisons made after writing.

export { compareCodes } from './compare.ts';
export {
  type ExportFormat,
  type ExportOptions,
  type ExportResult,
  type ExportStatistics,
  exportFormats,
  exportModel,
} from './export.ts';
export { requireNBits } from './matmulnbits.ts';
export { compareDecoded } from './verify.ts';
