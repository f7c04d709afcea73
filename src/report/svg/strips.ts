// An overview of long ordered lists: one thin bar an item, one strip a measure, the same order in each.
// Refuses to label single items: their names are in the tooltip and in the table below the drawing.

import type { Strips } from '../model.ts';
import { cellText } from '../text.ts';
import {
  leftAxis,
  leftAxisRoom,
  makeScale,
  mark,
  px,
  svgElement,
  svgText,
  textWidth,
  toneColours,
} from './axis.ts';

/** @param width drawing width in pixels */
export function drawStrips(strips: Strips, width: number): string {
  const stripHeight = width < 500 ? 80 : 96;
  const count = strips.items.length;
  const parts: string[] = [];
  let top = 18;
  const scales = strips.measures.map(measure => {
    const values = Array.from(measure.values, v => v ?? Number.NaN);
    if (measure.reference !== undefined) values.push(measure.reference.value);
    return values;
  });
  const room = Math.max(
    ...scales.map(values => leftAxisRoom(makeScale({ label: '' }, values, 1, 0, { zero: true, ticks: 3 }))),
    24,
  );
  const right = width - 6;
  strips.measures.forEach((measure, m) => {
    const bottom = top + stripHeight;
    const scale = makeScale({ label: measure.label }, scales[m]!, bottom, top, { zero: true, ticks: 3 });
    const unit = measure.unit === undefined ? '' : ` (${measure.unit})`;
    parts.push(
      svgText(room, top - 6, `${measure.label}${unit}`, 'start', 'name strong'),
      leftAxis(scale, room, right),
    );
    const step = (right - room) / Math.max(1, count);
    const origin = scale.at(0);
    for (let i = 0; i < count; i++) {
      const value = measure.values[i];
      if (value === null || value === undefined || !Number.isFinite(value)) continue;
      const end = scale.at(value);
      const item = strips.items[i]!;
      const colour = item.tone === undefined ? `var(--s${m % 8})` : toneColours[item.tone];
      const gap = step > 3 ? 1 : step > 1.5 ? 0.4 : 0;
      const unitText = measure.unit === undefined ? '' : ` ${measure.unit}`;
      parts.push(
        mark(
          'rect',
          `x="${px(room + i * step)}" y="${px(Math.min(origin, end))}" width="${px(Math.max(0.5, step - gap))}" height="${px(Math.max(1, Math.abs(end - origin)))}" fill="${colour}"`,
          `${item.label}: ${cellText(value, { digits: measure.digits })}${unitText}${item.note === undefined ? '' : ` (${item.note})`}`,
        ),
      );
    }
    if (measure.reference !== undefined) {
      const y = scale.at(measure.reference.value);
      parts.push(
        `<line class="reference" x1="${px(room)}" x2="${px(right)}" y1="${px(y)}" y2="${px(y)}"/>`,
        svgText(right - 2, y - 4, measure.reference.label, 'end', 'note halo'),
      );
    }
    top = bottom + 30;
  });
  const bottom = top - 30;
  const text = `${strips.itemLabel}s in order, first to last (${count})`;
  parts.push(svgText(Math.max((room + right) / 2, textWidth(text) / 2), bottom + 18, text, 'middle', 'axis'));
  return svgElement(width, bottom + 26, parts.join(''));
}
