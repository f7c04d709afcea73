// The number format notation: element, scaling, and the W/A/ws/as shorthand; text to value and back.
// Refuses anything it does not print itself: one spelling a format, besides the aliases named here.

import { requireObject, requireText } from '../core/arguments.ts';
import { UsageError } from '../core/errors.ts';
import { nearestSpelling } from '../core/spelling.ts';

/** Integer codes. Signed: symmetric -(2^(bits-1)-1) .. 2^(bits-1)-1. Unsigned: 0 .. 2^bits-1. */
export interface IntElement {
  kind: 'int';
  signed: boolean;
  bits: number;
}

/** Fixed point Q(integerBits, fractionBits), two's complement; the sign is one of the integer bits. */
export interface FixedElement {
  kind: 'fixed';
  signed: boolean;
  integerBits: number;
  fractionBits: number;
}

/** Floating point by name; its widths are in `floatSpec` of element.ts. */
export interface FloatElement {
  kind: 'float';
  name: FloatName;
}

/** Logarithmic: 1 sign bit and bits-1 exponent bits e; value 2^(e/gamma), e = 0 stands for zero. */
export interface LnsElement {
  kind: 'lns';
  bits: number;
  /** Base factor, a power of two. */
  gamma: number;
}

export type Element = IntElement | FixedElement | FloatElement | LnsElement;

export const floatNames = [
  'fp32',
  'fp16',
  'bf16',
  'fp8e4m3',
  'fp8e5m2',
  'fp6e2m3',
  'fp6e3m2',
  'fp4e2m1',
] as const;
export type FloatName = (typeof floatNames)[number];

/** How the scale of one vector is stored: fp32 alone, or coded (times an fp32 coarse scale per channel, but e8m0). */
export type ScaleFormat =
  | { kind: 'fp32' }
  | { kind: 'uint'; bits: number }
  | { kind: 'fp8e4m3' }
  | { kind: 'e8m0' };

export type Scaling =
  | { kind: 'none' }
  | { kind: 'tensor' }
  | { kind: 'channel' }
  | { kind: 'vector'; width: number; scale: ScaleFormat };

/** A number format: what one element is, and which elements share a scale. */
export interface Format {
  element: Element;
  scaling: Scaling;
}

/** A format, or its notation: what functions of formats take. */
export type FormatLike = Format | string;

/** A parsed element, a format with one, or the notation of either: what functions of elements take. */
export type ElementLike = Element | Format | string;

const formatExample = "a format such as 'int4@channel', or what parseFormat gives";

/** @throws UsageError for what is neither a format nor the notation of one */
export function formatOf(format: FormatLike): Format {
  if (typeof format === 'string') return parseFormat(format);
  requireObject('the number format', format, 'scaling', formatExample);
  return format;
}

/** @throws UsageError for what is neither an element, nor a format, nor the notation of one */
export function elementOf(element: ElementLike): Element {
  if (typeof element === 'string') return parseFormat(element).element;
  requireObject('the element', element, 'element' in Object(element) ? 'element' : 'kind', formatExample);
  return 'element' in element ? element.element : element;
}

/** Widest vector the notation takes. */
export const maxVectorWidth = 65536;

const mxElements = ['mxint8', 'mxfp8e4m3', 'mxfp8e5m2', 'mxfp6e2m3', 'mxfp6e3m2', 'mxfp4e2m1'];
const vocabulary = [
  ...['int2', 'int3', 'int4', 'int5', 'int6', 'int8', 'int16', 'uint2', 'uint3', 'uint4', 'uint6', 'uint8'],
  ...['fix6.2', 'ufix1.15', 'ufix1.7', 'lns8g8'],
  ...floatNames,
  ...mxElements,
];
const scaleWords = ['u3', 'u4', 'u6', 'u8', 'u10', 'fp8e4m3', 'e8m0'];
const scalingWords = [
  'tensor',
  'channel',
  'v16',
  'v32',
  'v64',
  'v16:u4',
  'v16:u6',
  'v16:fp8e4m3',
  'v32:e8m0',
];

/**
 * Parses a notation such as `int4@v16:u4`, `fp8e4m3@tensor`, `fix6.2` or `mxfp4e2m1`.
 * @throws UsageError naming what is wrong, what was expected, and the nearest spelling
 */
export function parseFormat(text: string): Format {
  requireText('the notation of a number format', text, "text such as 'int4@v16:u4'");
  if (text.length > 64)
    throw new UsageError(`number format of ${text.length} characters`, { expected: 'at most 64' });
  const at = text.indexOf('@');
  const head = at < 0 ? text : text.slice(0, at);
  const tail = at < 0 ? undefined : text.slice(at + 1);
  if (mxElements.includes(head)) {
    if (tail !== undefined)
      throw new UsageError(`number format '${text}': ${head} carries its own scaling`, { nearest: head });
    return { element: parseElement(head.slice(2), text), scaling: mxScaling() };
  }
  const element = parseElement(head, text);
  const scaling: Scaling = tail === undefined ? { kind: 'none' } : parseScaling(tail, text, head);
  if (element.kind === 'fixed' && scaling.kind !== 'none') {
    throw new UsageError(`number format '${text}': fixed point carries no scale`, { nearest: head });
  }
  if (element.kind === 'lns' && scaling.kind === 'vector' && scaling.scale.kind === 'e8m0') {
    throw new UsageError(`number format '${text}': lns elements take no e8m0 scale`, {
      nearest: `${head}@v${scaling.width}`,
    });
  }
  return { element, scaling };
}

function mxScaling(): Scaling {
  return { kind: 'vector', width: 32, scale: { kind: 'e8m0' } };
}

function parseElement(word: string, text: string): Element {
  const fail = (expected: string): never => {
    throw new UsageError(`number format '${text}': unknown element '${word}'`, {
      expected,
      nearest: nearestElement(word, text),
    });
  };
  if ((floatNames as readonly string[]).includes(word)) return { kind: 'float', name: word as FloatName };
  let m = /^(u?)int([1-9]\d?)$/.exec(word);
  if (m) {
    const signed = m[1] === '';
    const bits = Number(m[2]);
    if (bits > 16 || (signed && bits < 2)) fail('int2 to int16 or uint1 to uint16');
    return { kind: 'int', signed, bits };
  }
  m = /^(u?)fix(0|[1-9]\d?)\.(0|[1-9]\d?)$/.exec(word);
  if (m) {
    const signed = m[1] === '';
    const integerBits = Number(m[2]);
    const fractionBits = Number(m[3]);
    const bits = integerBits + fractionBits;
    if (bits > 32 || bits < (signed ? 2 : 1) || (signed && integerBits < 1)) {
      fail('fixI.F with the sign among the I bits, or ufixI.F; at most 32 bits');
    }
    return { kind: 'fixed', signed, integerBits, fractionBits };
  }
  m = /^lns([1-9]\d?)g([1-9]\d*)$/.exec(word);
  if (m) {
    const bits = Number(m[1]);
    const gamma = Number(m[2]);
    if (
      bits < 3 ||
      bits > 16 ||
      gamma > 4096 ||
      (gamma & (gamma - 1)) !== 0 ||
      (2 ** (bits - 1) - 1) / gamma > 127
    ) {
      fail('lnsNgG with 3 to 16 bits, G a power of two up to 4096, and a range below 2^127');
    }
    return { kind: 'lns', bits, gamma };
  }
  return fail(
    'intN, uintN, fixI.F, ufixI.F, lnsNgG, fp32, fp16, bf16, fp8e4m3, fp8e5m2, fp4e2m1 or an mx format',
  );
}

function nearestElement(word: string, text: string): string | undefined {
  const near = nearestSpelling(word, vocabulary);
  return near === undefined ? undefined : near + text.slice(word.length);
}

function parseScaling(word: string, text: string, head: string): Scaling {
  if (word === 'tensor' || word === 'channel') return { kind: word };
  const colon = word.indexOf(':');
  const vector = /^v([1-9]\d{0,5})$/.exec(colon < 0 ? word : word.slice(0, colon));
  if (!vector) {
    const near = nearestSpelling(word, scalingWords);
    throw new UsageError(`number format '${text}': unknown scaling '${word}'`, {
      expected: '@tensor, @channel, @vN or @vN:SCALE',
      nearest: near === undefined ? undefined : `${head}@${near}`,
    });
  }
  const width = Number(vector[1]);
  if (width > maxVectorWidth) {
    throw new UsageError(`number format '${text}': vector of ${width} elements`, {
      expected: `1 to ${maxVectorWidth}`,
    });
  }
  if (colon < 0) return { kind: 'vector', width, scale: { kind: 'fp32' } };
  return { kind: 'vector', width, scale: parseScale(word.slice(colon + 1), text, `${head}@v${width}`) };
}

function parseScale(word: string, text: string, before: string): ScaleFormat {
  if (word === 'fp8e4m3' || word === 'e8m0') return { kind: word };
  const m = /^u([1-9]\d?)$/.exec(word);
  if (m && Number(m[1]) <= 16) return { kind: 'uint', bits: Number(m[1]) };
  const near = word === 'fp32' ? '' : word.startsWith('fp') ? 'fp8e4m3' : nearestSpelling(word, scaleWords);
  throw new UsageError(`number format '${text}': unknown scale format '${word}'`, {
    expected: 'u1 to u16, fp8e4m3 or e8m0 (nothing for fp32)',
    nearest: near === undefined ? undefined : near === '' ? before : `${before}:${near}`,
  });
}

/** The canonical spelling; `parseFormat(printFormat(f))` equals `f`. */
export function printFormat(format: FormatLike): string {
  const parsed = formatOf(format);
  const element = printElement(parsed.element);
  const { scaling } = parsed;
  if (scaling.kind === 'none') return element;
  if (scaling.kind !== 'vector') return `${element}@${scaling.kind}`;
  const { scale, width } = scaling;
  if (scale.kind === 'e8m0' && width === 32 && mxElements.includes(`mx${element}`)) return `mx${element}`;
  const suffix = scale.kind === 'fp32' ? '' : scale.kind === 'uint' ? `:u${scale.bits}` : `:${scale.kind}`;
  return `${element}@v${width}${suffix}`;
}

/** The element's part of the notation. */
export function printElement(element: Element): string {
  switch (element.kind) {
    case 'int':
      return `${element.signed ? '' : 'u'}int${element.bits}`;
    case 'fixed':
      return `${element.signed ? '' : 'u'}fix${element.integerBits}.${element.fractionBits}`;
    case 'float':
      return element.name;
    case 'lns':
      return `lns${element.bits}g${element.gamma}`;
  }
}

export interface ShorthandOptions {
  /** Vector width of the per-vector scales; default 16. */
  vector?: number;
}

/** The pair of formats a shorthand names. */
export interface FormatPair {
  weight: Format;
  activation: Format;
}

/**
 * The VS-Quant shorthand W/A/ws/as (its table 5 and figures): weight bits, activation bits, weight-scale bits,
 * activation-scale bits. A scale of `-` is coarse: per channel for weights, per tensor for activations; `fp` is an
 * fp32 scale per vector. A `U` after the activation bits makes them unsigned.
 * @throws UsageError on any other text
 */
export function parseShorthand(text: string, options: ShorthandOptions = {}): FormatPair {
  const width = options.vector ?? 16;
  const m = /^(\d{1,2})\/(\d{1,2})([uU]?)\/(-|fp|\d{1,2})\/(-|fp|\d{1,2})$/.exec(text);
  if (!m) {
    throw new UsageError(`shorthand '${text}' is not W/A/ws/as`, {
      expected:
        "bits such as 4/4/4/6, with '-' for a coarse scale, 'fp' for an fp32 vector scale, 4/4U/4/6 for unsigned activations",
    });
  }
  const scaling = (word: string, coarse: string): string =>
    word === '-' ? coarse : word === 'fp' ? `v${width}` : `v${width}:u${Number(word)}`;
  const unsigned = m[3] !== '' ? 'u' : '';
  return {
    weight: parseFormat(`int${m[1]}@${scaling(m[4]!, 'channel')}`),
    activation: parseFormat(`${unsigned}int${m[2]}@${scaling(m[5]!, 'tensor')}`),
  };
}

/** True when the text looks like a shorthand rather than a notation. */
export function isShorthand(text: string): boolean {
  return /^[^@]*\/[^@]*\/[^@]*\//.test(text);
}

/** Structural equality of two formats. */
export function sameFormat(a: FormatLike, b: FormatLike): boolean {
  return printFormat(a) === printFormat(b);
}
