// Text the renderers share: numbers with their errors, characters that may be shown, widths on a terminal.
// Refuses to let control characters through: names come from files nobody checked.

import { type Cell, type Column, richCell, type Table } from './model.ts';

/**
 * A number for people: fixed decimals when given, else four significant figures; thousands grouped.
 * Very large and very small magnitudes are written with an exponent. NaN is a dash.
 */
export function formatNumber(value: number, digits?: number | undefined): string {
  if (Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e15 || (magnitude > 0 && magnitude < 1e-4 && digits === undefined)) {
    const [mantissa, exponent] = value.toExponential(2).split('e');
    return `${mantissa!}e${exponent!.replace('+', '')}`;
  }
  if (digits !== undefined) return group(value.toFixed(Math.min(20, Math.max(0, digits))));
  if (Number.isInteger(value)) return group(String(value));
  const decimals = Math.max(0, 3 - Math.floor(Math.log10(magnitude)));
  const fixed = value.toFixed(Math.min(decimals, 8));
  return group(fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed);
}

function group(fixed: string): string {
  const [whole, fraction] = fixed.split('.');
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Decimals that show two figures of an error. */
function errorDecimals(error: number): number {
  if (!(error > 0) || !Number.isFinite(error)) return 0;
  return Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(error))));
}

/** Value and error with the same decimals: `95.7 ± 1.2`. */
export function formatWithError(
  value: number,
  error?: number | undefined,
  digits?: number | undefined,
): string {
  if (error === undefined || !Number.isFinite(error)) return formatNumber(value, digits);
  const decimals = digits ?? errorDecimals(error);
  return `${formatNumber(value, decimals)} ± ${formatNumber(error, decimals)}`;
}

/** A cell as text, without its unit (the column head has it). */
export function cellText(cell: Cell, column: Pick<Column, 'digits'> = {}): string {
  const { value, error } = richCell(cell);
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') return formatWithError(value, error, column.digits);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value;
}

/** Alignment of a column: as given, else right when every value present is a number. */
export function columnAlign(table: Table, column: Column): 'left' | 'right' | 'center' {
  if (column.align !== undefined) return column.align;
  let numbers = 0;
  for (const row of table.rows) {
    const { value } = richCell(row[column.key]);
    if (typeof value === 'number') numbers++;
    else if (value !== null && value !== undefined) return 'left';
  }
  return numbers > 0 ? 'right' : 'left';
}

/** For each row, whether its cell holds the column's best value. Cells with `best: false` do not compete; one alone is nothing to compare. */
export function bestRows(table: Table, column: Column): boolean[] {
  const cells = table.rows.map(row => richCell(row[column.key]));
  const values = cells
    .filter(cell => cell.best !== false)
    .map(cell => cell.value)
    .filter((v): v is number => typeof v === 'number' && Number.isFinite(v));
  let target: number | undefined;
  if (column.best !== undefined && values.length > 1) {
    target = values.reduce((a, b) => (column.best === 'max' ? Math.max(a, b) : Math.min(a, b)));
  }
  return cells.map(cell => cell.best ?? (target !== undefined && cell.value === target));
}

/** Column head with its unit. */
export function columnHead(column: Pick<Column, 'label' | 'unit'>): string {
  return column.unit === undefined ? column.label : `${column.label} (${column.unit})`;
}

/** Text on one line with control, bidirectional and unpaired surrogate characters replaced. */
export function cleanLine(text: string): string {
  return cleanText(text).replace(/[\n\t]+/g, ' ');
}

/** As cleanLine, but newlines and tabs stay. */
export function cleanText(text: string): string {
  return (
    text
      .replace(/\r\n?/g, '\n')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd')
      .replace(/[\u2028\u2029]/g, '\n')
      .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g, '\ufffd')
      .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
  );
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Columns a text takes on a terminal: wide East Asian characters and emoji count two, marks none. */
export function displayWidth(text: string): number {
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += graphemeWidth(segment);
  return width;
}

function graphemeWidth(grapheme: string): number {
  const code = grapheme.codePointAt(0)!;
  if (/^[\p{Mn}\p{Me}\p{Cf}]/u.test(grapheme)) return 0;
  if (/\p{Emoji_Presentation}/u.test(grapheme)) return 2;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0x303e) ||
    (code >= 0x3041 && code <= 0xa4cf) ||
    (code >= 0xa960 && code <= 0xa97f) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff01 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}

/** Cuts a text to `width` columns, with an ellipsis in place of what is lost. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width <= 0) return '';
  let used = 0;
  let kept = '';
  for (const { segment } of segmenter.segment(text)) {
    const w = graphemeWidth(segment);
    if (used + w > width - 1) break;
    used += w;
    kept += segment;
  }
  return `${kept}…`;
}

/** Cuts the middle of a text: the ends of long node names are what tells them apart. */
export function truncateMiddle(text: string, length: number): string {
  const parts = [...text];
  if (parts.length <= length) return text;
  const head = Math.max(1, Math.floor((length - 1) * 0.4));
  return `${parts.slice(0, head).join('')}…${parts.slice(parts.length - (length - 1 - head)).join('')}`;
}

/** Escapes text for XML and HTML, in content and in double-quoted attributes. */
export function escapeXml(text: string): string {
  return cleanText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
