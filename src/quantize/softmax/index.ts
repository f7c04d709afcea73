// Softmax of attention by Softermax: option, fit, replacement, check.

export { softermaxFunction } from './body.ts';
export { fitSoftermax, type ScoreRange, scoreRange } from './fit.ts';
export { parseSoftmax } from './option.ts';
export {
  chooseSoftmax,
  isSoftermaxCall,
  replaceSoftmax,
  type SoftmaxChoice,
  type SoftmaxReplacement,
  softermaxUnit,
} from './replace.ts';
export { compareSoftmax, type SoftmaxComparison } from './verify.ts';
