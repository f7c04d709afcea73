// How each standard operator's output shape follows from its inputs' (ONNX operator specifications, opset 7 to 21).
// Refuses to judge: inputs that do not fit an operator give unknown dimensions, the runtime reports them.

import { elementwise, gemm, keep, pick, product, reduce, same } from './infer-arithmetic.ts';
import {
  concat,
  expand,
  filled,
  flatten,
  gather,
  pad,
  reshape,
  resize,
  shapeOperator,
  slice,
  split,
  squeeze,
  tile,
  transpose,
  unsqueeze,
} from './infer-movement.ts';
import { type Rule, shapeAt, shaped } from './infer-rule.ts';
import { convolution, pooling, transposedConvolution } from './infer-windows.ts';

/** The rule of an operator, or undefined for one that is not known. */
export function ruleOf(op: string): Rule | undefined {
  return rules.get(op);
}

const several =
  (rule: Rule): Rule =>
  (node, inputs, opset) => {
    const [first] = rule(node, inputs, opset);
    return node.outputs.map(() => first);
  };

const rules = new Map<string, Rule>();
const define = (rule: Rule, names: string): void => {
  for (const name of names.split(' ')) rules.set(name, rule);
};
define(
  same,
  'Abs Acos Acosh Asin Asinh Atan Atanh BatchNormalization Bernoulli Ceil Celu Clip Cos Cosh CumSum',
);
define(same, 'DequantizeLinear Elu Erf Exp Floor Gelu GroupNormalization HardSigmoid HardSwish Hardmax');
define(same, 'InstanceNormalization IsInf IsNaN LayerNormalization LeakyRelu Log LogSoftmax LRN');
define(same, 'LpNormalization MeanVarianceNormalization Mish Neg Not QuantizeLinear Reciprocal Relu Round');
define(
  same,
  'Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt Tan Tanh ThresholdedRelu Trilu',
);
define(several(same), 'Dropout');
define(keep, 'Cast Identity');
define(
  elementwise,
  'Add And BitShift Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Mul Or',
);
define(elementwise, 'Pow PRelu Sub Sum Where Xor');
define(reduce, 'ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd');
define(reduce, 'ReduceSum ReduceSumSquare');
define(pick, 'ArgMax ArgMin');
for (const [op, rule] of Object.entries<Rule>({
  ...{ MatMul: product, Gemm: gemm, Reshape: reshape, Flatten: flatten, Transpose: transpose },
  ...{ Concat: concat, Slice: slice, Gather: gather, Squeeze: squeeze, Unsqueeze: unsqueeze },
  ...{ Shape: shapeOperator, Expand: expand, ConstantOfShape: filled, Pad: pad, Split: split, Tile: tile },
  ...{ Resize: resize, Upsample: resize },
  Size: () => [shaped([])],
  Conv: (node, inputs) => [shaped(convolution(node, shapeAt(inputs), shapeAt(inputs, 1)))],
  ConvTranspose: (node, inputs) => [shaped(transposedConvolution(node, shapeAt(inputs), shapeAt(inputs, 1)))],
  MaxPool: several((node, inputs) => [shaped(pooling(node, shapeAt(inputs)))]),
  AveragePool: (node, inputs) => [shaped(pooling(node, shapeAt(inputs)))],
  LpPool: (node, inputs) => [shaped(pooling(node, shapeAt(inputs)))],
})) {
  rules.set(op, rule);
}
define(
  (_, inputs) => [shaped(shapeAt(inputs)?.map((d, i) => (i < 2 ? d : 1)))],
  'GlobalAveragePool GlobalMaxPool GlobalLpPool',
);
