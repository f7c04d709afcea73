// The page of a run: counts, times, the adder tree drawn when it is small, a density map by rank and level otherwise.

import type { Aig } from '../netlist/index.ts';
import type { Block, Report } from '../report/index.ts';
import type { AdderTree } from './exact/tree.ts';
import type { FindResult } from './find.ts';
import { drawAdderTree } from './tree-drawing.ts';

/** Largest tree that is drawn adder by adder. */
const drawnAdders = 120;

/** @param file name of the netlist as the user spelled it */
export async function adderReport(
  file: string,
  aig: Aig,
  found: FindResult,
  tree: AdderTree,
  facts: readonly (readonly [string, string])[],
): Promise<Report> {
  const { adders, statistics } = found;
  const { exact, hidden } = statistics;
  const byFunction = found.source.reduce((n, s) => n + (s === 0 ? 0 : 1), 0);
  const blocks: Block[] = [
    {
      kind: 'figures',
      items: [
        { label: 'full adders', value: adders.fullAdders },
        { label: 'half adders', value: adders.halfAdders },
        { label: 'AND nodes', value: aig.andCount },
        { label: 'adder trees', value: tree.treeCount },
        { label: 'time', value: Number(statistics.seconds.toPrecision(3)), unit: 's' },
      ],
    },
  ];
  const highest = tree.rank.reduce((most, r) => Math.max(most, r), 0);
  const deepest = tree.level.reduce((most, l) => Math.max(most, l), 0);
  if (adders.count > 0 && adders.count <= drawnAdders) {
    blocks.push({
      kind: 'drawing',
      title: 'Adder tree',
      svg: await drawAdderTree(aig, adders, tree),
      adapts: true,
      alt: `${adders.count} adders joined by their sums and carries`,
      caption:
        'Dark boxes are full adders, light ones half adders, with the weight of their operands. Solid lines are sums, dashed lines carries.',
    });
  }
  if (adders.count > 0) {
    blocks.push(densityMap(tree, highest, deepest));
  }
  const rows = [
    { what: 'exact detection', value: exact.seconds, unit: 's' },
    { what: 'cuts a node', value: aig.andCount > 0 ? exact.cuts / aig.andCount : 0, unit: '' },
    { what: 'exclusive-or nodes', value: exact.xorNodes, unit: '' },
    { what: 'adders found by function', value: byFunction, unit: '' },
    ...(hidden === undefined
      ? []
      : [
          { what: 'search for hidden adders', value: hidden.seconds, unit: 's' },
          { what: 'nodes merged by proof', value: hidden.merged, unit: '' },
          { what: 'look-alikes without a proof, kept apart', value: hidden.unproved, unit: '' },
          { what: 'proposals', value: hidden.proposals, unit: '' },
        ]),
    { what: 'roots (outputs of adders no adder takes)', value: tree.roots.length, unit: '' },
    { what: 'leaves (operands no adder makes)', value: tree.leaves.length, unit: '' },
    { what: 'rank conflicts', value: tree.rankConflicts, unit: '' },
  ];
  return {
    title: 'Adders found',
    subtitle: file,
    summary: `${adders.fullAdders} full and ${adders.halfAdders} half adders in ${aig.andCount} AND nodes, each confirmed by truth table on the given netlist.`,
    facts,
    sections: [
      { title: 'Adders', blocks },
      {
        title: 'Run',
        blocks: [
          {
            kind: 'table',
            columns: [
              { key: 'what', label: 'measure' },
              { key: 'value', label: 'value' },
              { key: 'unit', label: 'unit' },
            ],
            rows,
          },
        ],
      },
    ],
  };
}

/** Adders counted by rank (bit position) and level; both axes binned to at most 128 cells. */
function densityMap(tree: AdderTree, highest: number, deepest: number): Block {
  const columns = Math.min(128, highest + 1);
  const rows = Math.min(64, deepest + 1);
  const values = new Float64Array(rows * columns);
  for (let i = 0; i < tree.rank.length; i++) {
    const column = Math.floor((tree.rank[i]! * columns) / (highest + 1));
    const row = Math.floor((tree.level[i]! * rows) / (deepest + 1));
    values[row * columns + column]!++;
  }
  return {
    kind: 'heat',
    title: 'Adders by bit position and level',
    rows,
    columns,
    values,
    xLabel: `bit position (rank 0 to ${highest})`,
    yLabel: `level (0 to ${deepest})`,
    valueLabel: 'adders',
    scale: 'log',
  };
}
