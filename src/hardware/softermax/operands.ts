// Operand streams of the four units from the same rows of attention scores, so that their energies compare.
// Refuses rows of different lengths: the fp16 unit streams two rows side by side.

import { UsageError } from '../../core/errors.ts';
import type { Random } from '../../core/random.ts';
import { type Softermax, scoreScale } from '../../format/index.ts';
import { floatFormat, numberToFloat } from '../float/index.ts';
import type { Batch } from '../unit.ts';

const fp16 = floatFormat('fp16');

/** Rows for energy: 64 traces of 4 rows, as long as the paper's (SQuAD, 384 tokens). */
export const traceRows = 256;
export const rowWidth = 384;

/** A batch of rows cut into 64 traces of whole rows. */
export function tracesOf(batch: Batch): { batch: Batch; starts: Uint32Array } {
  return { batch, starts: Uint32Array.from({ length: 65 }, (_, t) => (t * batch.count) / 64) };
}

/** Scores of attention without structure: products of random queries and keys are nearly normal. */
export function normalRows(random: Random, rows: number, width: number, deviation = 2): Float32Array[] {
  return Array.from({ length: rows }, () =>
    Float32Array.from({ length: width }, () => deviation * random.normal()),
  );
}

/** Transactions of one row: slices of `vector`, the last padded with masked scores. */
function slicesOf(rows: readonly Float32Array[], vector: number): number {
  const width = rows[0]?.length ?? 0;
  if (rows.length < 2 || rows.some(r => r.length !== width)) {
    throw new UsageError('rows of scores', { expected: 'two or more of one length' });
  }
  return Math.ceil(width / vector);
}

/** Operands of the unnormalised unit: x, last. */
export function unnormedOperands(model: Softermax, rows: readonly Float32Array[]): Batch {
  const { vector } = model.parameters;
  const slices = slicesOf(rows, vector);
  const scale = scoreScale(model.parameters);
  const count = rows.length * slices;
  const x = new Float64Array(count * vector).fill(model.masked);
  const last = new Float64Array(count);
  rows.forEach((row, r) => {
    for (let i = 0; i < row.length; i++) x[r * slices * vector + i] = model.code(row[i]!, scale);
    last[(r + 1) * slices - 1] = 1;
  });
  return { count, fields: { x, last } };
}

/** Operands of the normalisation unit: what the first unit makes of the rows. */
export function normalOperands(model: Softermax, rows: readonly Float32Array[]): Batch {
  const { vector } = model.parameters;
  const slices = slicesOf(rows, vector);
  const { count, fields } = unnormedOperands(model, rows);
  const u = new Float64Array(count * vector);
  const maximum = new Float64Array(count);
  const top = new Float64Array(count);
  const sum = new Float64Array(count);
  for (let r = 0; r < rows.length; r++) {
    const from = r * slices;
    const row = model.unnormed(fields['x']!.subarray(from * vector, (from + slices) * vector));
    u.set(row.numerators, from * vector);
    maximum.set(row.maxima, from);
    top.fill(row.maxima.at(-1)!, from, from + slices);
    sum.fill(row.sums.at(-1)!, from, from + slices);
  }
  return { count, fields: { u, maximum, row_maximum: top, sum } };
}

/** Operands of the fp16 unit: each row as `a`, one row later as `b`; the first row of `b` repeats the first of `a`. */
export function floatUnnormedOperands(vector: number, rows: readonly Float32Array[]): Batch {
  const slices = slicesOf(rows, vector);
  const count = rows.length * slices;
  const floor = numberToFloat(fp16, -65504);
  const a = new Float64Array(count * vector).fill(floor);
  const last = new Float64Array(count);
  rows.forEach((row, r) => {
    for (let i = 0; i < row.length; i++) a[r * slices * vector + i] = numberToFloat(fp16, row[i]!);
    last[(r + 1) * slices - 1] = 1;
  });
  const b = new Float64Array(count * vector);
  b.set(a.subarray(0, slices * vector));
  b.set(a.subarray(0, (count - slices) * vector), slices * vector);
  return { count, fields: { a, b, last } };
}

/** Operands of the fp16 division: exponentials as the first fp16 unit gives them, sums in fp16. */
export function floatNormalOperands(
  vector: number,
  rows: readonly Float32Array[],
  first: (batch: Batch) => Batch,
): Batch {
  const slices = slicesOf(rows, vector);
  const out = first(floatUnnormedOperands(vector, [...rows, rows[0]!]));
  const count = rows.length * slices;
  const e = out.fields['e']!.slice(slices * vector, (count + slices) * vector);
  const sum = new Float64Array(count);
  for (let r = 0; r < rows.length; r++)
    sum.fill(out.fields['sum']![(r + 2) * slices - 1]!, r * slices, (r + 1) * slices);
  return { count, fields: { e, sum } };
}
