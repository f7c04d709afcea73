// Softermax units and the fp16 softmax they are measured against.

export { softmaxNormal, softmaxUnnormed } from './baseline.ts';
export {
  floatNormalOperands,
  floatUnnormedOperands,
  normalOperands,
  normalRows,
  unnormedOperands,
} from './operands.ts';
export { softermaxNormal, softermaxUnnormed } from './units.ts';
