// What the quantizer is told: formats of weights and activations, rules by name, how rounding is compensated.
// Refuses formats and values outside their ranges before any work starts.

import { requireOptions, UsageError } from '../core/errors.ts';
import {
  type ClipMethod,
  type Format,
  parseClip,
  parseFormat,
  printFormat,
  type SoftermaxOptions,
} from '../format/index.ts';
import { parseSoftmax } from './softmax/option.ts';

/** A rule by node or weight name; the last that matches wins. Patterns know `*` and `?`. */
export interface Rule {
  pattern: string;
  /** A notation, or `fp32` to leave the operand alone. Undefined: not changed by this rule. */
  weights?: string | undefined;
  activations?: string | undefined;
}

export interface QuantizeOptions {
  /** Format of weights; `fp32` leaves them. */
  weights: string;
  /** Format of activations (inputs of quantizable operators); `fp32` (default) leaves them. */
  activations?: string | undefined;
  /** Formats of the first and last quantizable operators and of depthwise convolutions; default: as the others. */
  first?: Omit<Rule, 'pattern'> | undefined;
  last?: Omit<Rule, 'pattern'> | undefined;
  depthwise?: Omit<Rule, 'pattern'> | undefined;
  rules?: readonly Rule[] | undefined;
  /** Names that stay in fp32 (weights and activations), stronger than every rule. */
  keep?: readonly string[] | undefined;
  /**
   * How weight codes are chosen. `max`: scales from the largest magnitude, nearest codes. `compensate` (default): codes,
   * scales and coarse scales minimize the layer's output error on the calibration data, earlier layers' errors included.
   */
  method?: 'max' | 'compensate' | undefined;
  /** Adjust biases so that each output channel keeps its mean; default true, false with `max`. */
  biasCorrection?: boolean | undefined;
  /** Cross-layer equalization before quantizing (`equalize`); default false. */
  equalize?: boolean | undefined;
  /** Ridge on the second moments: (damping + dampingPerSample * features / positions) * mean diagonal. */
  damping?: number | undefined;
  dampingPerSample?: number | undefined;
  /** How far targets move from the original weights towards undoing earlier errors, 0..1; default 1. */
  correction?: number | undefined;
  /** Alternations of coordinate descent and closed-form coarse scale; default 2. */
  refinements?: number | undefined;
  /**
   * Where static `@tensor` activation scales end: `max` (default), `percentile:99.99`, `entropy`, `mse` or `octav` of a histogram of
   * magnitudes over the calibration stream. Scales of vectors follow their vector at run time and are not clipped.
   */
  activationClip?: string | undefined;
  /** Positions a layer's moments are gathered from, at most; default 16384, depthwise 4096. */
  positions?: number | undefined;
  depthwisePositions?: number | undefined;
  /** Signed activation formats become unsigned where the tensor cannot be negative; default true. */
  unsigned?: boolean | undefined;
  /** A static offset makes activations non-negative, so that they take unsigned codes, where that lowers their error (padding stays exactly 0: at borders the offset's constant differs); default `auto`: elements of 4 bits or fewer. */
  offset?: 'auto' | 'none' | undefined;
  /** What computes the softmax of attention: `exact` (default), or Softermax as `softermax`, `softermax@v32`, `softermax:fix6.2@v16`. */
  softmax?: string | undefined;
}

export interface ResolvedOptions {
  method: 'max' | 'compensate';
  biasCorrection: boolean;
  equalize: boolean;
  damping: number;
  dampingPerSample: number;
  correction: number;
  refinements: number;
  positions: number;
  depthwisePositions: number;
  unsigned: boolean;
  offset: 'auto' | 'none';
  activationClip: ClipMethod;
  /** Undefined: exact. */
  softmax: SoftermaxOptions | undefined;
}

const optionNames: readonly (keyof QuantizeOptions)[] = [
  ...(['weights', 'activations', 'first', 'last', 'depthwise', 'rules', 'keep', 'method'] as const),
  ...(['biasCorrection', 'equalize', 'damping', 'dampingPerSample', 'correction', 'refinements'] as const),
  ...(['activationClip', 'positions', 'depthwisePositions', 'unsigned', 'offset', 'softmax'] as const),
];

/** Defaults filled in. @throws UsageError for an unknown option or a value outside its range */
export function resolveOptions(options: QuantizeOptions): ResolvedOptions {
  requireOptions('quantize', options, optionNames);
  if (typeof options.weights !== 'string')
    throw new UsageError('quantize without a format of weights', {
      expected: "weights: 'int4@v16:u4', or 'fp32'",
    });
  const method = options.method ?? 'compensate';
  if (method !== 'max' && method !== 'compensate') {
    throw new UsageError(`method '${String(method)}'`, { expected: 'max or compensate' });
  }
  const resolved: ResolvedOptions = {
    method,
    biasCorrection: options.biasCorrection ?? method !== 'max',
    equalize: options.equalize ?? false,
    damping: options.damping ?? 0.1,
    dampingPerSample: options.dampingPerSample ?? 1,
    correction: options.correction ?? 1,
    refinements: options.refinements ?? 2,
    positions: options.positions ?? 16384,
    depthwisePositions: options.depthwisePositions ?? 4096,
    unsigned: options.unsigned ?? true,
    offset: options.offset ?? 'auto',
    activationClip: parseClip(options.activationClip ?? 'max'),
    softmax: parseSoftmax(options.softmax),
  };
  const within = (name: keyof ResolvedOptions, low: number, high: number): void => {
    const value = resolved[name] as number;
    if (!(value >= low && value <= high)) {
      throw new UsageError(`${name} ${value}`, { expected: `${low} to ${high}` });
    }
  };
  within('damping', 0, 100);
  within('dampingPerSample', 0, 100);
  within('correction', 0, 1);
  within('refinements', 0, 20);
  within('positions', 16, 1 << 24);
  within('depthwisePositions', 16, 1 << 24);
  return resolved;
}

/** A notation as a format; undefined for fp32. @throws UsageError for an unknown notation */
export function formatOrNone(text: string | undefined): Format | undefined {
  if (text === undefined || text === 'fp32') return undefined;
  const format = parseFormat(text);
  const { element, scaling } = format;
  if (scaling.kind === 'none' && element.kind === 'int') {
    throw new UsageError(`number format '${text}' has no scale`, {
      expected: 'a scaling such as @channel or @v16:u4',
      nearest: `${printFormat(format)}@channel`,
    });
  }
  return format;
}

/** True when `name` matches a pattern of literal characters, `*` (any run) and `?` (one character). */
export function matches(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let mark = 0;
  while (n < name.length) {
    if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n]) && pattern[p] !== '*') {
      p++;
      n++;
    } else if (pattern[p] === '*') {
      star = p++;
      mark = n;
    } else if (star >= 0) {
      p = star + 1;
      n = ++mark;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
