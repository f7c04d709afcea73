// Each block of a report as HTML. Charts are drawn twice, for wide and narrow columns; the page shows one.
// Refuses to leave a drawing without its numbers: every chart carries its data in a table below it.

import type {
  BarChart,
  Block,
  Checks,
  Drawing,
  HeatMap,
  Histogram,
  ImageRows,
  KeyFigures,
  RichText,
  Strips,
  XyChart,
} from '../model.ts';
import { plainText } from '../model.ts';
import { drawBars } from '../svg/bars.ts';
import { drawHeat } from '../svg/heat.ts';
import { drawHistogram } from '../svg/histogram.ts';
import { drawStrips } from '../svg/strips.ts';
import { drawXy, symbol } from '../svg/xy.ts';
import { cellText, cleanLine, cleanText, escapeXml, formatNumber } from '../text.ts';
import { captionText, dataTable, heading, richText, safeImage, tableHtml } from './elements.ts';

const wide = 880;
const narrow = 340;

export function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${richText(block.text)}</p>`;
    case 'figures':
      return figuresHtml(block);
    case 'table':
      return `<div class="block">${heading(block.title)}${tableHtml(block, block.title ?? 'table')}${captionText(block.caption)}</div>`;
    case 'bars':
      return chart(
        block,
        drawBars,
        describeBars(block),
        legendOf(
          block.series.map(s => s.name),
          false,
        ),
        barData(block),
      );
    case 'xy':
      return chart(
        block,
        drawXy,
        describeXy(block),
        legendOf(
          block.series.map(s => s.name),
          true,
        ),
        xyData(block),
      );
    case 'histogram':
      return chart(block, drawHistogram, describeHistogram(block), '', histogramData(block));
    case 'heat':
      return chart(
        block,
        drawHeat,
        describeHeat(block),
        '',
        block.rows * block.columns <= 2500 ? heatData(block) : '',
      );
    case 'strips':
      return stripsHtml(block);
    case 'images':
      return `<div class="block">${heading(block.title)}<div class="samples">${block.rows.map(sampleHtml).join('')}</div>${captionText(block.caption)}</div>`;
    case 'drawing':
      return drawingHtml(block);
    case 'preformatted': {
      const pre = `<pre tabindex="0">${escapeXml(cleanText(block.text))}</pre>`;
      return block.folded === true
        ? `<details class="block"><summary>${escapeXml(cleanLine(block.title ?? 'Text'))}</summary>${pre}${captionText(block.caption)}</details>`
        : `<div class="block">${heading(block.title)}${pre}${captionText(block.caption)}</div>`;
    }
    case 'warning': {
      const level = block.level ?? 'warning';
      const word = { note: 'Note', warning: 'Warning', error: 'Error' }[level];
      return `<div class="message ${level}" role="note"><strong>${word}</strong>${richText(block.text)}</div>`;
    }
    case 'checks':
      return block.shownElsewhere === true ? '' : checksHtml(block);
  }
}

/** A picture of the drawing. With a frozen part, a second one, clipped to that part, stays at the left while scrolling. */
function drawingHtml(block: Drawing): string {
  const url = `data:image/svg+xml;base64,${Buffer.from(cleanText(block.svg), 'utf8').toString('base64')}`;
  const picture = `<img class="whole" src="${url}" alt="${escapeXml(cleanLine(block.alt))}">`;
  const frozen =
    block.frozen === undefined ? '' : `<img class="frozen" src="${url}" alt="" aria-hidden="true">`;
  const style = block.frozen === undefined ? '' : ` style="--frozen:${Math.round(block.frozen)}px"`;
  const classes = ['drawing'];
  if (block.adapts === true) classes.push('adapts');
  if (frozen !== '') classes.push('scrolls');
  return `<figure>${heading(block.title)}<div class="${classes.join(' ')}"${style} tabindex="0" role="region" aria-label="${escapeXml(cleanLine(block.title ?? block.alt))}">${frozen}${picture}</div>${captionText(block.caption)}</figure>`;
}

function figuresHtml(block: KeyFigures): string {
  const items = block.items.map(item => {
    const number = typeof item.value === 'number';
    const text = number
      ? cellText({ value: item.value, error: item.error }, { digits: item.digits })
      : String(item.value);
    const [value, error] = number ? text.split(' ± ') : [text];
    const errorHtml = error === undefined ? '' : `<span class="error">± ${escapeXml(error)}</span>`;
    const unit =
      item.unit === undefined ? '' : `<span class="unit">${escapeXml(cleanLine(item.unit))}</span>`;
    const note = item.note === undefined ? '' : `<dd class="note">${escapeXml(cleanLine(item.note))}</dd>`;
    const shown = escapeXml(cleanLine(value!));
    return `<div><dt>${escapeXml(cleanLine(item.label))}</dt><dd class="number${item.tone === undefined ? '' : ` ${item.tone}`}">${number ? shown.replace(/^-/, '−') : shown}${unit}${errorHtml}</dd>${note}</div>`;
  });
  return `<dl class="figures">${items.join('')}</dl>`;
}

function chart<T extends { title?: string | undefined; caption?: RichText | undefined }>(
  block: T,
  draw: (block: T, width: number) => string,
  description: string,
  legend: string,
  data: string,
): string {
  const name = `${block.title === undefined ? '' : `${block.title}. `}${description}`;
  return `<figure>${heading(block.title)}${legend}<div class="plot" role="img" aria-label="${escapeXml(cleanLine(name))}"><div class="wide-drawing">${draw(block, wide)}</div><div class="narrow-drawing">${draw(block, narrow)}</div></div>${captionText(block.caption)}${data}</figure>`;
}

function legendOf(names: readonly string[], symbols: boolean): string {
  if (names.length < 2) return '';
  const items = names.map((name, i) => {
    const fill = `fill="var(--s${i % 8})"`;
    const [tag, attributes] = symbols
      ? symbol(i, 6, 6, 5, fill)
      : (['rect', `x="0" y="1" width="12" height="10" rx="1.5" ${fill}`] as const);
    return `<li><svg width="12" height="12" aria-hidden="true"><${tag} ${attributes}/></svg>${escapeXml(cleanLine(name))}</li>`;
  });
  return `<ul class="legend">${items.join('')}</ul>`;
}

function describeBars(block: BarChart): string {
  return `Bar chart of ${block.axis.label} for ${block.categories.length} categories and ${block.series.length} series. The numbers are in the table that follows.`;
}

function barData(block: BarChart): string {
  return dataTable(
    'Data',
    [
      { label: 'category' },
      ...block.series.map(s => ({ label: s.name, unit: block.axis.unit, digits: block.axis.digits })),
    ],
    block.categories.map((name, c) => [
      name,
      ...block.series.map(s => ({ value: s.values[c] ?? null, error: s.errors?.[c] ?? undefined })),
    ]),
  );
}

function describeXy(block: XyChart): string {
  const points = block.series.reduce((sum, s) => sum + s.points.length, 0);
  return `Chart of ${block.y.label} against ${block.x.label}, ${points} points in ${block.series.length} series. The numbers are in the table that follows.`;
}

function xyData(block: XyChart): string {
  const named = block.series.some(s => s.points.some(p => p.label !== undefined));
  return dataTable(
    'Data',
    [
      ...(block.series.length > 1 ? [{ label: 'series' }] : []),
      ...(named ? [{ label: 'point' }] : []),
      { label: block.x.label, unit: block.x.unit, digits: block.x.digits },
      { label: block.y.label, unit: block.y.unit, digits: block.y.digits },
    ],
    block.series.flatMap(s =>
      s.points.map(p => [
        ...(block.series.length > 1 ? [s.name] : []),
        ...(named ? [p.label ?? ''] : []),
        { value: p.x, error: p.xError },
        { value: p.y, error: p.yError },
      ]),
    ),
  );
}

function describeHistogram(block: Histogram): string {
  const markers = (block.markers ?? []).map(m => `${m.label} at ${formatNumber(m.value)}`);
  return `Histogram of ${block.axis.label} from ${formatNumber(block.min)} to ${formatNumber(block.max)}${markers.length > 0 ? `; marked: ${markers.join(', ')}` : ''}.`;
}

function histogramData(block: Histogram): string {
  const width = (block.max - block.min) / Math.max(1, block.counts.length);
  return dataTable(
    'Data',
    [{ label: 'from', unit: block.axis.unit }, { label: 'to', unit: block.axis.unit }, { label: 'count' }],
    Array.from(block.counts, (count, i) => [block.min + i * width, block.min + (i + 1) * width, count]),
    400,
  );
}

function describeHeat(block: HeatMap): string {
  return `Map of ${block.valueLabel} by ${block.yLabel} (${block.rows} rows) and ${block.xLabel} (${block.columns} columns).`;
}

function heatData(block: HeatMap): string {
  return dataTable(
    'Data',
    [
      { label: block.yLabel },
      ...Array.from({ length: block.columns }, (_, c) => ({ label: block.columnLabels?.[c] ?? String(c) })),
    ],
    Array.from({ length: block.rows }, (_, r) => [
      block.rowLabels?.[r] ?? String(r),
      ...Array.from({ length: block.columns }, (_, c) => block.values[r * block.columns + c] ?? null),
    ]),
  );
}

function stripsHtml(block: Strips): string {
  const tops = block.measures.map(measure =>
    Math.max(0, ...Array.from(measure.values, v => (v !== null && Number.isFinite(v) ? v : 0))),
  );
  const heads = block.measures.map(measure => {
    const unit =
      measure.unit === undefined ? '' : ` <span class="unit">(${escapeXml(cleanLine(measure.unit))})</span>`;
    return `<th scope="col" class="right">${escapeXml(cleanLine(measure.label))}${unit}</th><th aria-label="bar"></th>`;
  });
  const notes = block.items.some(item => item.note !== undefined);
  const rows = block.items.map((item, i) => {
    const cells = block.measures.map((measure, m) => {
      const value = measure.values[i] ?? null;
      const text = cellText(value, { digits: measure.digits }).replace(/^-/, '−');
      const share = value !== null && tops[m]! > 0 ? Math.max(0, (100 * value) / tops[m]!) : 0;
      const bar =
        value === null || !Number.isFinite(value)
          ? ''
          : `<span class="rowbar" style="--bar:${share.toFixed(1)}%;--colour:var(--s${m % 8})"></span>`;
      return `<td class="right" data-sort="${value}">${escapeXml(text)}</td><td data-sort="${value}">${bar}</td>`;
    });
    const note = notes ? `<td class="muted">${escapeXml(cleanLine(item.note ?? ''))}</td>` : '';
    const tone = item.tone === undefined ? '' : ` ${item.tone}`;
    return `<tr><th scope="row" class="breakable${tone}">${escapeXml(cleanLine(item.label))}</th>${cells.join('')}${note}</tr>`;
  });
  const long = block.items.length > 24;
  const label = `${block.title ?? 'values'} by ${block.itemLabel}`;
  const table = `<div class="scroll${long ? ' tall' : ''}" tabindex="0" role="region" aria-label="${escapeXml(cleanLine(label))}"><table class="sortable"><thead><tr><th scope="col">${escapeXml(cleanLine(block.itemLabel))}</th>${heads.join('')}${notes ? '<th scope="col">note</th>' : ''}</tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table></div>`;
  if (!long) return `<div class="block">${heading(block.title)}${table}${captionText(block.caption)}</div>`;
  const description = `Bars of ${block.measures.map(m => m.label).join(' and ')} for ${block.items.length} ${block.itemLabel}s in order.`;
  return chart(
    block,
    drawStrips,
    description,
    '',
    `<details><summary>All ${block.items.length} ${escapeXml(cleanLine(block.itemLabel))}s</summary>${table}</details>`,
  );
}

function sampleHtml(row: ImageRows['rows'][number]): string {
  const url = safeImage(row.image);
  const picture =
    url === undefined
      ? `<span class="muted">(picture left out: not a data URL of an image)</span>`
      : `<img src="${url}" alt="${escapeXml(cleanLine(row.alt))}">`;
  const lines = row.lines.map(
    line =>
      `<dt>${escapeXml(cleanLine(line.label))}</dt><dd${line.tone === undefined ? '' : ` class="${line.tone}"`}>${plainText(line.text) === '' ? '<span class="muted">(empty)</span>' : richText(line.text)}</dd>`,
  );
  return `<div class="sample"><div class="picture">${picture}</div><dl>${lines.join('')}</dl></div>`;
}

const statusWords = {
  passed: ['good', '✓ passed'],
  failed: ['bad', '✗ failed'],
  unknown: ['warn', '? unknown'],
  skipped: ['muted', '– skipped'],
  error: ['bad', '! error'],
} as const;

function checksHtml(block: Checks): string {
  const passed = block.cases.filter(item => item.status === 'passed').length;
  const rows = block.cases.map(item => {
    const [tone, word] = statusWords[item.status];
    const message = item.message === undefined ? '' : escapeXml(cleanText(item.message));
    const details =
      item.details === undefined
        ? ''
        : `<details><summary>Details</summary><pre tabindex="0">${escapeXml(cleanText(item.details))}</pre></details>`;
    const seconds = item.seconds === undefined ? '–' : formatNumber(item.seconds, 2);
    return `<tr><th scope="row" class="breakable">${escapeXml(cleanLine(item.name))}</th><td class="status ${tone}">${word}</td><td class="right" data-sort="${item.seconds ?? ''}">${seconds}</td><td class="breakable">${message}${details}</td></tr>`;
  });
  const title = block.title ?? block.suite;
  return `<div class="block">${heading(`${title}: ${passed} of ${block.cases.length} passed`)}<div class="scroll" tabindex="0" role="region" aria-label="${escapeXml(cleanLine(title))}"><table class="sortable"><thead><tr><th scope="col">check</th><th scope="col">result</th><th scope="col" class="right">time <span class="unit">(s)</span></th><th scope="col">message</th></tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table></div>${captionText(block.caption)}</div>`;
}
