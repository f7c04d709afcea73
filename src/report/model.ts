// The report model: what any room hands over to be shown on a terminal, as JSON, JUnit or one HTML page.
// Plain data, no rendering. Refuses to know what a network, a netlist or a proof is.

/** A run of text: plain, or with one emphasis. Markup inside `text` is never interpreted. */
export interface Span {
  text: string;
  /** `wrong` marks a character that should be another, `missing` one that should be there. */
  style?: 'strong' | 'code' | 'muted' | 'wrong' | 'missing' | undefined;
  /** http(s), mailto, a fragment (#id) or a relative path; anything else is shown without its link. */
  href?: string | undefined;
}

export type RichText = string | readonly (string | Span)[];

export type Tone = 'good' | 'bad' | 'warn' | 'muted';

export interface Report {
  title: string;
  subtitle?: string | undefined;
  /** The answer in one to three sentences, shown under the title. */
  summary?: RichText | undefined;
  /** Facts about the run (command, version, seed, date), shown small. Renderers add nothing of their own. */
  facts?: readonly (readonly [label: string, value: string])[] | undefined;
  sections: readonly Section[];
}

export interface Section {
  title: string;
  /** Fragment name for links; made from the title when absent. */
  id?: string | undefined;
  blocks: readonly Block[];
}

export type Block =
  | Paragraph
  | KeyFigures
  | Table
  | BarChart
  | XyChart
  | Histogram
  | HeatMap
  | Strips
  | ImageRows
  | Drawing
  | Preformatted
  | Warning
  | Checks;

interface Captioned {
  title?: string | undefined;
  caption?: RichText | undefined;
}

export interface Paragraph {
  kind: 'paragraph';
  text: RichText;
}

/** A few large numbers side by side. */
export interface KeyFigures {
  kind: 'figures';
  items: readonly {
    label: string;
    value: number | string;
    unit?: string | undefined;
    /** Half width of the interval, in the unit of the value. */
    error?: number | undefined;
    /** Decimals. */
    digits?: number | undefined;
    note?: string | undefined;
    tone?: Tone | undefined;
  }[];
}

export interface Column {
  key: string;
  label: string;
  unit?: string | undefined;
  /** Default: right for columns whose values are numbers, else left. */
  align?: 'left' | 'right' | 'center' | undefined;
  /** Decimals of numbers; default four significant figures. */
  digits?: number | undefined;
  /** Marks the best finite value of the column (ties included). */
  best?: 'max' | 'min' | undefined;
  /** Draws a small bar behind the number, from 0 to the column's maximum (HTML only). */
  bar?: boolean | undefined;
}

export type CellValue = string | number | boolean | null | undefined;

export interface RichCell {
  value: CellValue;
  /** ± error in the unit of the value (standard error or half interval: the caption says which). */
  error?: number | undefined;
  href?: string | undefined;
  tone?: Tone | undefined;
  /** Overrides the column's automatic choice of the best value. */
  best?: boolean | undefined;
  /** Shown as a tooltip. */
  note?: string | undefined;
}

export type Cell = CellValue | RichCell;

export interface Table extends Captioned {
  kind: 'table';
  columns: readonly Column[];
  rows: readonly Readonly<Record<string, Cell>>[];
  /** Indices of rows set in bold, e.g. the chosen scheme. */
  emphasis?: readonly number[] | undefined;
}

export interface Axis {
  label: string;
  unit?: string | undefined;
  /** `log` is base 10; values <= 0 are left out of a log axis. */
  scale?: 'linear' | 'log' | undefined;
  min?: number | undefined;
  max?: number | undefined;
  digits?: number | undefined;
}

export interface ReferenceLine {
  value: number;
  label: string;
}

export interface BarChart extends Captioned {
  kind: 'bars';
  axis: Axis;
  categories: readonly string[];
  /** `values[i]` belongs to `categories[i]`; null or NaN leaves a gap. `errors` are half widths. */
  series: readonly {
    name: string;
    values: readonly (number | null)[];
    errors?: readonly (number | null)[] | undefined;
  }[];
  references?: readonly ReferenceLine[] | undefined;
  /** Categories drawn in the accent colour while others are muted (single series only). */
  emphasis?: readonly number[] | undefined;
}

export interface XyPoint {
  x: number;
  y: number;
  label?: string | undefined;
  xError?: number | undefined;
  yError?: number | undefined;
}

export interface XyChart extends Captioned {
  kind: 'xy';
  x: Axis;
  y: Axis;
  series: readonly {
    name: string;
    points: readonly XyPoint[];
    mode?: 'line' | 'scatter' | 'both' | undefined;
  }[];
  /** Which direction is better on each axis: the points no other point beats are joined and emphasised. */
  pareto?: { x: 'min' | 'max'; y: 'min' | 'max' } | undefined;
  xReferences?: readonly ReferenceLine[] | undefined;
  yReferences?: readonly ReferenceLine[] | undefined;
}

export interface Histogram extends Captioned {
  kind: 'histogram';
  axis: Axis;
  /** Bin i covers [min + i * w, min + (i + 1) * w), w = (max - min) / counts.length. */
  min: number;
  max: number;
  counts: ArrayLike<number>;
  /** Scale of the counts; `log` shows tails. */
  countScale?: 'linear' | 'log' | undefined;
  /** Vertical lines, e.g. clip values. */
  markers?: readonly { value: number; label: string; tone?: Tone | undefined }[] | undefined;
}

export interface HeatMap extends Captioned {
  kind: 'heat';
  rows: number;
  columns: number;
  /** Row-major, rows * columns values; NaN is drawn empty. */
  values: ArrayLike<number>;
  xLabel: string;
  yLabel: string;
  valueLabel: string;
  unit?: string | undefined;
  /** `log` colours by log10(1 + value), for counts. `diverging` is centred on 0. */
  scale?: 'linear' | 'log' | 'diverging' | undefined;
  rowLabels?: readonly string[] | undefined;
  columnLabels?: readonly string[] | undefined;
  min?: number | undefined;
  max?: number | undefined;
}

/** One bar an item and a measure, for long ordered lists such as layers. */
export interface Strips extends Captioned {
  kind: 'strips';
  /** What an item is, e.g. `layer`. */
  itemLabel: string;
  items: readonly { label: string; note?: string | undefined; tone?: Tone | undefined }[];
  measures: readonly {
    label: string;
    unit?: string | undefined;
    digits?: number | undefined;
    /** One value an item; null or NaN leaves a gap. */
    values: ArrayLike<number | null>;
    reference?: ReferenceLine | undefined;
  }[];
}

/** Pictures with what each scheme made of them. */
export interface ImageRows extends Captioned {
  kind: 'images';
  rows: readonly {
    /** data:image/(png|jpeg|webp|gif|svg+xml);base64,... ; anything else is refused. */
    image: string;
    alt: string;
    lines: readonly { label: string; text: RichText; tone?: Tone | undefined }[];
  }[];
}

/** A finished SVG drawing (a wave form, an adder tree). Shown as an image, so nothing inside it can run. */
export interface Drawing extends Captioned {
  kind: 'drawing';
  svg: string;
  alt: string;
  /** Pixels at the left that stay in view while the rest scrolls (the names of a timing diagram). Without it the drawing shrinks to fit. */
  frozen?: number | undefined;
  /** The drawing has its own colours for dark pages (`prefers-color-scheme`); others stand on white. */
  adapts?: boolean | undefined;
}

export interface Preformatted extends Captioned {
  kind: 'preformatted';
  text: string;
  /** Shown on request only (HTML). */
  folded?: boolean | undefined;
}

export interface Warning {
  kind: 'warning';
  level?: 'note' | 'warning' | 'error' | undefined;
  text: RichText;
}

export interface CheckCase {
  name: string;
  /** Groups cases in JUnit readers; default the suite's name. */
  className?: string | undefined;
  /** `unknown` is neither: out of budget. JUnit calls it skipped. */
  status: 'passed' | 'failed' | 'unknown' | 'skipped' | 'error';
  seconds?: number | undefined;
  message?: string | undefined;
  /** Longer text: a counterexample, a log. */
  details?: string | undefined;
}

/** Yes/no answers: properties, goals, equivalence checks. The only block JUnit sees. */
export interface Checks extends Captioned {
  kind: 'checks';
  suite: string;
  /** The page already shows these answers: only JSON and JUnit have the list. */
  shownElsewhere?: boolean | undefined;
  cases: readonly CheckCase[];
}

/** Plain text of rich text. */
export function plainText(text: RichText): string {
  return typeof text === 'string'
    ? text
    : text.map(part => (typeof part === 'string' ? part : part.text)).join('');
}

/** A cell with all its fields. */
export function richCell(cell: Cell): RichCell {
  return typeof cell === 'object' && cell !== null ? cell : { value: cell };
}
