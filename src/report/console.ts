// Reports on a terminal: aligned tables, text bars, warnings. Colour only where asked or on a terminal.
// Refuses to draw what a terminal cannot show well: scatter charts, heat maps and images are named, not drawn.

import { requireObject } from '../core/arguments.ts';
import {
  type BarChart,
  type Block,
  type Checks,
  plainText,
  type Report,
  richCell,
  type Strips,
  type Table,
} from './model.ts';
import {
  bestRows,
  cellText,
  cleanLine,
  cleanText,
  columnAlign,
  columnHead,
  displayWidth,
  formatWithError,
  truncate,
} from './text.ts';

export interface ConsoleOptions {
  /** Columns to fit in; default the terminal's, or no limit when stdout is not a terminal. */
  width?: number | undefined;
  /** Default: stdout is a terminal and NO_COLOR is not set. */
  colour?: boolean | undefined;
}

interface Style {
  width: number;
  paint(code: 'bold' | 'dim' | 'green' | 'red' | 'yellow', text: string): string;
}

const codes = { bold: '1', dim: '2', green: '32', red: '31', yellow: '33' };

function styleOf(options: ConsoleOptions): Style {
  const terminal = process.stdout.isTTY === true;
  const colour = options.colour ?? (terminal && !process.env['NO_COLOR']);
  const width = options.width ?? (terminal ? (process.stdout.columns ?? 100) : Number.POSITIVE_INFINITY);
  return {
    width: Math.max(20, width),
    paint: (code, text) => (colour && text !== '' ? `\u001b[${codes[code]}m${text}\u001b[0m` : text),
  };
}

/**
 * A table as aligned lines. Text columns shrink (with an ellipsis) to fit the width; numbers never do.
 * The best value of a column is marked with `*`, and in colour on a terminal.
 */
export function renderConsoleTable(table: Table, options: ConsoleOptions = {}): string {
  return tableLines(table, styleOf(options)).join('\n');
}

function tableLines(table: Table, style: Style): string[] {
  const { columns, rows } = table;
  const aligns = columns.map(column => columnAlign(table, column));
  const heads = columns.map(column => cleanLine(columnHead(column)));
  const best = columns.map(column => bestRows(table, column));
  const marked = best.map(flags => flags.some(Boolean));
  const texts = rows.map((row, r) =>
    columns.map((column, c) => {
      const text = cleanLine(cellText(row[column.key], column));
      return marked[c] ? `${text}${best[c]![r] ? '*' : ' '}` : text;
    }),
  );
  const widths = heads.map((head, c) =>
    Math.max(displayWidth(head), ...texts.map(line => displayWidth(line[c]!))),
  );
  shrink(
    widths,
    aligns.map(align => align === 'left'),
    style.width - 2 * (columns.length - 1),
  );
  const pad = (text: string, c: number): [string, string, string] => {
    const shown = truncate(text, widths[c]!);
    const free = widths[c]! - displayWidth(shown);
    const left = aligns[c] === 'right' ? free : aligns[c] === 'center' ? free >> 1 : 0;
    return [' '.repeat(left), shown, ' '.repeat(free - left)];
  };
  const join = (parts: string[]): string => parts.join('  ').trimEnd();
  const lines: string[] = [];
  if (table.title !== undefined) lines.push(style.paint('bold', cleanLine(table.title)));
  lines.push(join(heads.map((head, c) => pad(head, c).join(''))));
  lines.push(style.paint('dim', widths.map(width => '─'.repeat(width)).join('──')));
  texts.forEach((line, r) => {
    const emphasised = table.emphasis?.includes(r) === true;
    lines.push(
      join(
        line.map((text, c) => {
          const [left, shown, right] = pad(text, c);
          const tone = richCell(rows[r]![columns[c]!.key]).tone;
          let painted = shown;
          if (best[c]![r] || tone === 'good') painted = style.paint('green', painted);
          else if (tone === 'bad') painted = style.paint('red', painted);
          else if (tone === 'warn') painted = style.paint('yellow', painted);
          else if (tone === 'muted') painted = style.paint('dim', painted);
          return left + (emphasised ? style.paint('bold', painted) : painted) + right;
        }),
      ),
    );
  });
  if (marked.some(Boolean)) lines.push(style.paint('dim', '* best of its column'));
  if (table.caption !== undefined) lines.push(...wrap(plainText(table.caption), style));
  return lines;
}

/** Takes columns from the widest shrinkable column, one at a time, down to 8. */
function shrink(widths: number[], shrinkable: boolean[], limit: number): void {
  let total = widths.reduce((a, b) => a + b, 0);
  while (total > limit) {
    let widest = -1;
    widths.forEach((width, c) => {
      if (shrinkable[c] && width > 8 && (widest < 0 || width > widths[widest]!)) widest = c;
    });
    if (widest < 0) return;
    widths[widest]!--;
    total--;
  }
}

function wrap(text: string, style: Style, indent = ''): string[] {
  const limit = Math.min(style.width, 100) - indent.length;
  const lines: string[] = [];
  for (const paragraph of cleanText(text).split('\n')) {
    let line = '';
    for (const word of paragraph.split(/\s+/)) {
      if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > limit) {
        lines.push(indent + line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    lines.push(line === '' ? '' : indent + line);
  }
  return lines;
}

/** The whole report as text. */
export function renderConsole(report: Report, options: ConsoleOptions = {}): string {
  requireObject('the report', report, 'sections', 'an object such as { title, sections: [] }');
  const style = styleOf(options);
  const lines: string[] = [style.paint('bold', cleanLine(report.title))];
  if (report.subtitle !== undefined) lines.push(style.paint('dim', cleanLine(report.subtitle)));
  if (report.summary !== undefined) lines.push('', ...wrap(plainText(report.summary), style));
  for (const section of report.sections) {
    lines.push('', style.paint('bold', cleanLine(section.title)));
    for (const block of section.blocks) lines.push('', ...blockLines(block, style));
  }
  return `${lines.join('\n')}\n`;
}

function blockLines(block: Block, style: Style): string[] {
  switch (block.kind) {
    case 'paragraph':
      return wrap(plainText(block.text), style);
    case 'figures': {
      const width = Math.max(...block.items.map(item => displayWidth(cleanLine(item.label))), 0);
      return block.items.map(item => {
        const label = cleanLine(item.label);
        const value =
          typeof item.value === 'number'
            ? formatWithError(item.value, item.error, item.digits)
            : cleanLine(item.value);
        const note = item.note === undefined ? '' : style.paint('dim', `  ${cleanLine(item.note)}`);
        return `${label}${' '.repeat(width - displayWidth(label))}  ${style.paint('bold', value)}${item.unit === undefined ? '' : ` ${cleanLine(item.unit)}`}${note}`;
      });
    }
    case 'table':
      return tableLines(block, style);
    case 'bars':
      return barLines(block, style);
    case 'strips':
      return stripLines(block, style);
    case 'checks':
      return checkLines(block, style);
    case 'warning': {
      const level = block.level ?? 'warning';
      const text = wrap(`${level}: ${plainText(block.text)}`, style);
      return text.map(line =>
        style.paint(level === 'error' ? 'red' : level === 'note' ? 'dim' : 'yellow', line),
      );
    }
    case 'preformatted':
      return [
        ...(block.title === undefined ? [] : [cleanLine(block.title)]),
        ...cleanText(block.text)
          .split('\n')
          .map(line => `  ${line}`),
      ];
    case 'images':
      return block.rows.flatMap(row => [
        cleanLine(row.alt),
        ...row.lines.map(line => `  ${cleanLine(line.label)}: ${cleanLine(plainText(line.text))}`),
      ]);
    default:
      return [style.paint('dim', `[${cleanLine(block.title ?? block.kind)}: see the HTML report]`)];
  }
}

function barLines(chart: BarChart, style: Style): string[] {
  const lines = chart.title === undefined ? [] : [style.paint('bold', cleanLine(chart.title))];
  const top = Math.max(
    chart.axis.max ?? 0,
    ...chart.series.flatMap(s => s.values.map(v => (v === null || !Number.isFinite(v) ? 0 : v))),
  );
  const labels = chart.categories.map(cleanLine);
  const names = chart.series.map(s => cleanLine(s.name));
  const several = names.length > 1;
  const text = (s: number, c: number): string => {
    const value = chart.series[s]!.values[c];
    if (value === null || value === undefined) return '–';
    return formatWithError(value, chart.series[s]!.errors?.[c] ?? undefined, chart.axis.digits);
  };
  const head = Math.min(40, Math.max(...labels.map(displayWidth), 0));
  const nameWidth = several ? Math.max(...names.map(displayWidth)) + 2 : 0;
  const valueWidth = Math.max(
    ...chart.series.flatMap((_, s) => labels.map((_, c) => displayWidth(text(s, c)))),
    0,
  );
  const room = Math.max(8, Math.min(48, style.width - head - nameWidth - valueWidth - 4));
  labels.forEach((label, c) => {
    chart.series.forEach((series, s) => {
      const shown = s === 0 ? truncate(label, head) : '';
      const name = several ? names[s]! + ' '.repeat(Math.max(0, nameWidth - displayWidth(names[s]!))) : '';
      const value = series.values[c] ?? Number.NaN;
      const number = text(s, c);
      lines.push(
        `${shown}${' '.repeat(head - displayWidth(shown))}  ${name}${' '.repeat(valueWidth - displayWidth(number))}${number}  ${bar(value / top, room)}`.trimEnd(),
      );
    });
  });
  const unit = chart.axis.unit === undefined ? '' : ` (${chart.axis.unit})`;
  lines.push(style.paint('dim', cleanLine(`${chart.axis.label}${unit}`)));
  return lines;
}

function bar(share: number, room: number): string {
  if (!(share > 0)) return '';
  const eighths = Math.round(Math.min(1, share) * room * 8);
  return '█'.repeat(eighths >> 3) + ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths & 7]!;
}

function stripLines(strips: Strips, style: Style): string[] {
  const columns = strips.measures.map((measure, m) => ({
    key: `m${m}`,
    label: measure.label,
    unit: measure.unit,
    digits: measure.digits,
  }));
  return tableLines(
    {
      kind: 'table',
      title: strips.title,
      columns: [{ key: 'item', label: strips.itemLabel }, ...columns],
      rows: strips.items.map((item, i) => ({
        item: { value: item.label, tone: item.tone },
        ...Object.fromEntries(strips.measures.map((measure, m) => [`m${m}`, measure.values[i] ?? null])),
      })),
    },
    style,
  );
}

const statusMarks = { passed: '✓', failed: '✗', unknown: '?', skipped: '-', error: '!' };

function checkLines(checks: Checks, style: Style): string[] {
  const lines = [style.paint('bold', cleanLine(checks.title ?? checks.suite))];
  for (const item of checks.cases) {
    const colour = item.status === 'passed' ? 'green' : item.status === 'failed' ? 'red' : 'yellow';
    const seconds = item.seconds === undefined ? '' : style.paint('dim', `  ${item.seconds.toFixed(2)} s`);
    lines.push(
      `${style.paint(colour, `${statusMarks[item.status]} ${item.status.padEnd(7)}`)} ${cleanLine(item.name)}${seconds}`,
    );
    if (item.message !== undefined && item.status !== 'passed')
      lines.push(...wrap(item.message, style, '    '));
  }
  return lines;
}
