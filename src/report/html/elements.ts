// Small pieces of HTML the blocks share: rich text, safe links, tables.
// Refuses every URL that is not a web, mail, fragment or relative one.

import { type Cell, type RichText, richCell, type Span, type Table } from '../model.ts';
import { bestRows, cellText, cleanLine, columnAlign, escapeXml, formatNumber } from '../text.ts';

/** The URL if it may be linked to, else undefined. */
export function safeHref(href: string | undefined): string | undefined {
  if (href === undefined) return undefined;
  const clean = href.trim();
  if (cleanLine(clean) !== clean || /\s/.test(clean)) return undefined;
  if (/^(https?:\/\/|mailto:|#)/i.test(clean)) return clean;
  return /^[a-z][a-z0-9+.-]*:/i.test(clean) || clean.startsWith('//') || clean.includes('\\')
    ? undefined
    : clean;
}

/** The data URL if it is an image this page may carry, else undefined. */
export function safeImage(url: string): string | undefined {
  return /^data:image\/(png|jpeg|webp|gif|svg\+xml);base64,[A-Za-z0-9+/]+={0,2}$/.test(url) ? url : undefined;
}

export function richText(text: RichText): string {
  if (typeof text === 'string') return escapeXml(text);
  return text.map(part => (typeof part === 'string' ? escapeXml(part) : span(part))).join('');
}

function span(part: Span): string {
  const text = escapeXml(part.text);
  const styled =
    part.style === undefined
      ? text
      : {
          strong: `<strong>${text}</strong>`,
          code: `<code>${text}</code>`,
          muted: `<span class="muted">${text}</span>`,
          wrong: `<mark title="wrong">${text}</mark>`,
          missing: `<del title="missing">${text}</del>`,
        }[part.style];
  const href = safeHref(part.href);
  return href === undefined ? styled : `<a href="${escapeXml(href)}">${styled}</a>`;
}

/** Title and caption of a block as HTML, either of them may be absent. */
export function heading(title: string | undefined): string {
  return title === undefined ? '' : `<h3>${escapeXml(cleanLine(title))}</h3>`;
}

export function captionText(caption: RichText | undefined): string {
  return caption === undefined ? '' : `<p class="caption">${richText(caption)}</p>`;
}

/**
 * A table in a scrolling frame. Long ones (over 40 rows) scroll vertically too.
 * @param label accessible name of the scrolling frame
 */
export function tableHtml(table: Table, label: string): string {
  const aligns = table.columns.map(column => columnAlign(table, column));
  const classOf = { left: '', right: 'right', center: 'center' };
  const best = table.columns.map(column => bestRows(table, column));
  const most = table.columns.map(column =>
    column.bar === true ? Math.max(0, ...table.rows.map(row => finite(richCell(row[column.key]).value))) : 0,
  );
  const head = table.columns
    .map((column, c) => {
      const unit =
        column.unit === undefined ? '' : ` <span class="unit">(${escapeXml(cleanLine(column.unit))})</span>`;
      const classes = classOf[aligns[c]!];
      return `<th scope="col"${classes === '' ? '' : ` class="${classes}"`}>${escapeXml(cleanLine(column.label))}${unit}</th>`;
    })
    .join('');
  const body = table.rows
    .map((row, r) => {
      const cells = table.columns.map((column, c) => {
        const classes = [classOf[aligns[c]!]];
        if (best[c]![r]) classes.push('best');
        else if (aligns[c] === 'right' && best[c]!.some(Boolean)) classes.push('room');
        return cellHtml(row[column.key], column, classes, c === 0, most[c]!);
      });
      return `<tr${table.emphasis?.includes(r) === true ? ' class="emphasis"' : ''}>${cells.join('')}</tr>`;
    })
    .join('\n');
  const kinds = [table.rows.length > 2 ? 'sortable' : '', table.columns.length > 8 ? 'dense' : ''];
  const list = kinds.filter(kind => kind !== '').join(' ');
  const sortable = list === '' ? '' : ` class="${list}"`;
  return `<div class="scroll${table.rows.length > 40 ? ' tall' : ''}" tabindex="0" role="region" aria-label="${escapeXml(cleanLine(label))}"><table${sortable}><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}

function finite(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function cellHtml(
  cell: Cell,
  column: { digits?: number | undefined },
  classes: string[],
  first: boolean,
  most: number,
): string {
  const rich = richCell(cell);
  const text = cleanLine(cellText(cell, column));
  let inner = escapeXml(text);
  if (typeof rich.value === 'number') {
    const at = text.indexOf(' ± ');
    const main = escapeXml(at < 0 ? text : text.slice(0, at)).replace(/^-/, '−');
    inner = at < 0 ? main : `${main}<span class="error"> ± ${escapeXml(text.slice(at + 3))}</span>`;
  } else if (text.length > 32) classes.push('breakable');
  else if (text.length <= 16) classes.push('short');
  const href = safeHref(rich.href);
  if (href !== undefined) inner = `<a href="${escapeXml(href)}">${inner}</a>`;
  if (rich.tone !== undefined) classes.push(rich.tone);
  let attributes = '';
  if (typeof rich.value === 'number') attributes += ` data-sort="${rich.value}"`;
  if (rich.note !== undefined) attributes += ` data-tip="${escapeXml(cleanLine(rich.note))}"`;
  if (most > 0) {
    classes.push('databar');
    attributes += ` style="--bar:${Math.max(0, (100 * finite(rich.value)) / most).toFixed(1)}%"`;
  }
  const list = classes.filter(c => c !== '').join(' ');
  const tag = first ? 'th scope="row"' : 'td';
  return `<${tag}${list === '' ? '' : ` class="${list}"`}${attributes}>${inner}</${first ? 'th' : 'td'}>`;
}

/** A plain table of numbers for the data behind a drawing, at most `limit` rows. */
export function dataTable(
  summary: string,
  columns: readonly { label: string; unit?: string | undefined; digits?: number | undefined }[],
  rows: readonly (readonly Cell[])[],
  limit = 1000,
): string {
  const table: Table = {
    kind: 'table',
    columns: columns.map((column, c) => ({ key: String(c), ...column })),
    rows: rows.slice(0, limit).map(row => Object.fromEntries(row.map((cell, c) => [String(c), cell]))),
  };
  const more =
    rows.length > limit
      ? `<p class="caption">First ${formatNumber(limit)} of ${formatNumber(rows.length)} rows.</p>`
      : '';
  return `<details><summary>${escapeXml(summary)}</summary>${tableHtml(table, summary)}${more}</details>`;
}
