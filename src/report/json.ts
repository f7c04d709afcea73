// A report as JSON: the model itself, typed arrays as arrays, values JSON cannot hold as null.
// Refuses to round: consumers get the numbers the report was made from.

import type { Report } from './model.ts';

/** Name and version of the JSON form of a report. */
export const reportSchema = 'bitwright/report@1';

/** Images are long and belong to the HTML page: `images: false` (default true) leaves their data out. */
export function renderJson(report: Report, options: { images?: boolean } = {}): string {
  const replace = (key: string, value: unknown): unknown => {
    if (typeof value === 'bigint') return value.toString();
    if (typeof value === 'number' && !Number.isFinite(value)) return null;
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as Float64Array);
    if (options.images === false && (key === 'image' || key === 'svg')) return undefined;
    return value;
  };
  return `${JSON.stringify({ schema: reportSchema, ...report }, replace, 2)}\n`;
}
