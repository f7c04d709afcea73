// The format room's public face: notation, layouts, encode and decode, clipping, errors.

export * from './bits.ts';
export * from './clip.ts';
export { fastGroupClips } from './clip-kernel.ts';
export * from './codec.ts';
export {
  type CodeArray,
  codeArray,
  codeRange,
  codeValue,
  elementBits,
  elementMax,
  elementSigned,
  type FloatSpec,
  floatSpecs,
  nearestCode,
  roundHalfEven,
  valueTable,
} from './element.ts';
export * from './error.ts';
export * from './explain.ts';
export * from './fast.ts';
export { type HistogramOptions, MagnitudeHistogram } from './histogram.ts';
export * from './layout.ts';
export * from './notation.ts';
export * from './octav.ts';
export * from './pack.ts';
export { FormatPool } from './pool.ts';
export { powerScaleValue, scaleBits, scaleCode, scaleTop, scaleValue } from './scale-code.ts';
export { chooseScales, type EncodeOptions, type ScaleSet } from './scales.ts';
export * from './softermax/index.ts';
