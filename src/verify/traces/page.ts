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
  blocks.push({
    kind: 'drawing',
    title: `${table.property}: ${table.steps.length} cycles`,
    svg: drawWaveform(shown),
    alt: `Timing diagram of ${table.design}, ${table.property}: ${table.summary}`,
    caption: [
      table.summary,
      ' Cycle 0 is the first after reset. A dot marks a transfer, hatching a value that does not matter, red what fails or differs between the copies A and B.',
    ],
  });
  blocks.push({ kind: 'preformatted', title: 'WaveJSON', text: JSON.stringify(waveJson(shown)) });
  return blocks;
}
