// Public face of the quantize room: options, the quantizer, evaluation.

export { sqnr } from '../format/index.ts';
export { type ActivationQuantizer, insertActivationQuantizer } from './activations.ts';
export { type Assignment, assignFormats } from './assign.ts';
export { Batches } from './batches.ts';
export { type BudgetResult, type Choice, chooseFormats } from './budget.ts';
export type { CheckpointOptions } from './checkpoint.ts';
export { goalChecks, goals, modelChecks } from './checks.ts';
export { calibrationBatches, type DataScore, evaluateData } from './data.ts';
export {
  calibrationFeeds,
  type DemoOptions,
  demoSchemes,
  runSchemes,
  type SchemeOutcome,
  type SchemeRow,
  taskBatches,
} from './demo.ts';
export { type EqualizedPair, type EqualizeStatistics, equalize } from './equalize.ts';
export {
  type Agreement,
  compareOutputs,
  compareWith,
  evaluateTask,
  outputsOf,
  type RunOptions,
  runBatches,
} from './evaluate.ts';
export {
  type ExportFormat,
  type ExportOptions,
  type ExportResult,
  type ExportStatistics,
  exportFormats,
  exportModel,
  requireNBits,
} from './export/index.ts';
export { agreementJudge, type Judge, type Loss, taskJudge, within } from './judge.ts';
export { defaultLadder, type MixedOptions, type MixedResult, quantizeMixed } from './mixed.ts';
export { formatOrNone, type QuantizeOptions, type Rule } from './options.ts';
export { type Prepared, prepareGraph } from './prepare.ts';
export {
  type Calibration,
  type LayerStatistics,
  type QuantizeContext,
  type QuantizedModel,
  type QuantizedWeight,
  type QuantizeResult,
  type QuantizeStatistics,
  quantize,
} from './quantize.ts';
export { bestNarrow, type DemoReportOptions, demoReport, metricName, verdict } from './report.ts';
export { parseScheme } from './scheme.ts';
export { disturbance, type LayerSensitivity, sensitivity } from './sensitivity.ts';
