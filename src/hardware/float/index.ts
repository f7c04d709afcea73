// Public face of the floating-point pieces: Verilog modules and what they compute.

export { floatAdder } from './adder.ts';
export { floatDivider } from './divider.ts';
export { floatExponential, floatExponentialUnit } from './exponential.ts';
export { type FloatFormat, floatFormat, floatToNumber, numberToFloat } from './format.ts';
export { floatAdd, floatDivide, floatMax, floatMultiply } from './golden.ts';
export { floatMaximum } from './max.ts';
export { floatMultiplier } from './multiplier.ts';
