// A trace as blocks of a report: the timing diagram, what to look at, and the WaveJSON text.
// Refuses to draw more than 400 cycles: a longer trace is shown from its end.

import type { Block } from '../../report/index.ts';
import type { TraceTable } from '../trace.ts';
import { drawWaveform } from './waveform.ts';
import { waveJson } from './wavejson.ts';

const longest = 400;

/** Blocks for one counterexample. */
export function traceBlocks(table: TraceTable): Block[] {
  const blocks: Block[] = [];
  let shown = table;
  const cut = table.steps.length - longest;
  if (cut > 0) {
    shown = {
      ...table,
      steps: table.steps.slice(cut),
      loopStart: table.loopStart === undefined ? undefined : Math.max(0, table.loopStart - cut),
    };
    blocks.push({ kind: 'warning', level: 'note', text: `The first ${cut} cycles are left out here.` });
  }
  const drawing = drawWaveform(shown);
  blocks.push({
    kind: 'drawing',
    title: `${table.property}: ${table.steps.length} cycles`,
    svg: drawing.svg,
    frozen: drawing.nameWidth,
    adapts: true,
    alt: `Timing diagram of ${table.design}, ${table.property}: ${table.summary}`,
    caption: captionOf(shown),
  });
  blocks.push({
    kind: 'preformatted',
    title: 'WaveJSON, for WaveDrom',
    text: JSON.stringify(waveJson(shown), null, 1),
    folded: true,
  });
  return blocks;
}

/** How to read the drawing; says only what is in it. */
function captionOf(table: TraceTable): string {
  const parts = ['Cycle 0 is the first after reset. A dot marks a transfer.'];
  if (table.steps.some(step => step.includes(undefined))) {
    parts.push('A hatched value does not matter.');
  }
  const copies = table.signals.some(s => s.scope === 'B');
  parts.push(
    copies
      ? 'Red is what differs between the copies A and B, which get the same messages and other invalid data.'
      : 'Red is what fails.',
  );
  return parts.join(' ');
}
