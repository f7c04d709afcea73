// Public face of the model room: ONNX in and out, the graph, execution.

export { type Attribute, attribute, encodeAttribute } from './attribute.ts';
export {
  checkPreprocessing,
  type DataBatch,
  type DataOptions,
  type DataSource,
  type Label,
  openData,
  type Preprocessing,
  readNpy,
  readNpz,
  readPreprocessing,
} from './data/index.ts';
export { Graph } from './graph.ts';
export type { ConstantOrigin, Dimension, GraphValue, NodeFields, ValueType } from './graph-types.ts';
export { inferShapes, knownShapes, type StaticShape } from './infer.ts';
export { inspectModel, type ModelSummary, type QuantizableSummary, type ValueSummary } from './inspect.ts';
export { GraphNode } from './node.ts';
export { explicitPads } from './passes/explicit-pads.ts';
export { foldAffine } from './passes/fold-affine.ts';
export { type FoldConstantsOptions, foldConstants } from './passes/fold-constants.ts';
export { removeIdentities } from './passes/identity.ts';
export { type SinglePrecision, singlePrecision, singlePrecisionNote } from './passes/single-precision.ts';
export type { PassStatistics } from './passes/statistics.ts';
export {
  type LeftNode,
  type QuantizableKind,
  type QuantizableNode,
  type QuantizableOperand,
  type Quantizables,
  quantizable,
  type WeightLayout,
} from './quantizable.ts';
export { alreadyQuantized } from './quantized.ts';
export { highestOpset, lowestOpset, type ReadOptions, readModel, readModelFile } from './read.ts';
export {
  checkFeed,
  type Feeds,
  type Results,
  type RunOptions,
  runGraphOnce,
  Session,
  type SessionInput,
  type SessionOptions,
  type SessionStatistics,
} from './session.ts';
export {
  inferDefaultShapes,
  type MeasuredShapes,
  measureDefaultShapes,
  measureShapes,
  type Shapes,
} from './shapes.ts';
export {
  arrayClass,
  bitsOf,
  type DataType,
  dataTypeOf,
  dataTypes,
  elementCount,
  float32Tensor,
  halfToNumber,
  int64Tensor,
  makeTensor,
  type NumericArray,
  packCodes,
  requireFinite,
  reshaped,
  storageLength,
  type Tensor,
  type TensorData,
  toFloat32,
  toNumbers,
  unpackCodes,
} from './tensor.ts';
export { decodeTensor, encodeTensor, rawBytes } from './tensor-proto.ts';
export { type UpgradeStatistics, upgradeOpset } from './upgrade.ts';
export { messageLimit, serializeModel, type WriteOptions, weightBytes, writeModelFile } from './write.ts';
