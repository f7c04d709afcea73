// Softermax: the integer-exact software of the units in src/hardware/softermax.

export { Softermax, scoreScale, type Unnormed } from './model.ts';
export { type SoftermaxOptions, type SoftermaxParameters, softermaxParameters } from './parameters.ts';
export { type PowerTable, powerError, powerFraction, powerTable } from './power.ts';
export { type ReciprocalTable, reciprocalMantissa, reciprocalTable } from './reciprocal.ts';
export { exactSoftmax, type RowError, rowError } from './reference.ts';
