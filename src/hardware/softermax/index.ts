// Softermax units and the fp16 softmax they are measured against.

export { softmaxNormal } from './baseline-normal.ts';
export { softmaxUnnormed } from './baseline-unnormed.ts';
export { softermaxNormal, softermaxUnnormed } from './units.ts';
