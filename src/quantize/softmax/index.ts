// Softmax of attention by Softermax: option, fit, replacement, check.

export { fitSoftermax } from './fit.ts';
export { parseSoftmax } from './option.ts';
export { chooseSoftmax, replaceSoftmax, type SoftmaxReplacement, softermaxUnit } from './replace.ts';
export { compareSoftmax } from './verify.ts';
