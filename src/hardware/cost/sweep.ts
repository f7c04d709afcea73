// The formats a sweep prices by default: the named design points of VS-Quant figures 3 to 6 that ResNet50 and BERT use.

/** Twelve points; the first is the baseline. */
export const sweepFormats: string[] = [
  ...['8/8/-/-', '4/4/-/-', '4/4/4/4', '4/4/4/6', '4/3/4/6', '4/6/4/-'],
  ...['6/6/-/-', '6/6/4/4', '6/8/-/-', '6/8/6/-', '8/8/6/-', '4/8/6/10'],
];
