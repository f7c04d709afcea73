// The blocks of the demo's report: rows of schemes, layers, sensitivities, histograms, samples on which schemes differ, what was
// left in floating point. Refuses to measure anything.

import type { Task } from '../demo/index.ts';
import { clipMagnitude, type IntElement } from '../format/index.ts';
import { type Graph, quantizable, toFloat32 } from '../model/index.ts';
import {
  type BarChart,
  type Block,
  type Histogram,
  markDifferences,
  type Strips,
  type Table,
  type XyChart,
} from '../report/index.ts';
import type { SchemeOutcome, SchemeRow } from './demo.ts';
import { pictures } from './pictures.ts';
import type { LayerStatistics } from './quantize.ts';
import { metricName } from './report.ts';
import type { LayerSensitivity } from './sensitivity.ts';

export function accuracyBlocks(task: Task, rows: readonly SchemeRow[]): Block[] {
  const label = metricName(task);
  const table: Table = {
    kind: 'table',
    caption:
      'Standard errors over the evaluation samples. Effective bits are a weight\u2019s bits with its scales, averaged over all quantizable weights; wider layers are those left at 8 bits or more by a narrower scheme. W/A/ws/as schemes have vectors of 16 with integer scales on both sides. Schemes that start with max: are plain rounding with absmax scales, the others are fitted on the calibration samples.',
    columns: [
      { key: 'scheme', label: 'scheme' },
      { key: 'activations', label: 'activations' },
      { key: 'value', label, unit: '%', digits: 1, bar: true },
      ...(task.metric === 'lines' ? [{ key: 'characters', label: 'characters', unit: '%', digits: 2 }] : []),
      { key: 'bits', label: 'effective bits', digits: 2 },
      { key: 'size', label: 'size', unit: 'kB', digits: 0 },
      { key: 'wide', label: 'wider layers', digits: 0 },
    ],
    rows: rows.map(r => ({
      scheme: { value: r.scheme, note: `weights ${r.weights}, activations ${r.activations}` },
      activations: r.activations,
      value: { value: r.value, error: r.linesError },
      characters: r.characters ?? null,
      bits: r.effectiveBits,
      size: Number.isFinite(r.weightBytes) ? r.weightBytes / 1000 : null,
      wide: { value: r.wideLayers.length, note: r.wideLayers.join(', ') },
    })),
  };
  const bars: BarChart = {
    kind: 'bars',
    title: `${label} by scheme`,
    axis: { label, unit: '%', min: 0, max: 100 },
    categories: rows.map(r => r.scheme),
    series: [{ name: label, values: rows.map(r => r.value), errors: rows.map(r => r.linesError) }],
  };
  const plane: XyChart = {
    kind: 'xy',
    title: `${label} against effective bits`,
    x: { label: 'effective bits a weight', min: 3 },
    y: { label, unit: '%', min: 0, max: 100 },
    series: [
      {
        name: 'schemes',
        mode: 'scatter',
        points: rows
          .filter(r => r.effectiveBits <= 16)
          .map(r => ({ x: r.effectiveBits, y: r.value, yError: r.linesError, label: r.scheme })),
      },
    ],
    pareto: { x: 'min', y: 'max' },
  };
  return [table, bars, plane];
}

export function layerBlocks(layers: readonly LayerStatistics[]): Block[] {
  const strips: Strips = {
    kind: 'strips',
    itemLabel: 'layer',
    items: layers.map(l => ({
      label: l.node,
      note: `${l.op} [${l.shape.join(', ')}]${l.depthwise ? ', depthwise' : ''}; weights ${l.weights}, activations ${l.activations}; ${l.method}`,
    })),
    measures: [
      {
        label: 'weight SQNR',
        unit: 'dB',
        digits: 1,
        values: layers.map(l => (Number.isFinite(l.weightSqnr) ? l.weightSqnr : null)),
      },
      { label: 'bits a weight', digits: 2, values: layers.map(l => l.bits) },
      { label: 'weights', digits: 0, values: layers.map(l => l.elements) },
    ],
    caption:
      'In execution order. A fitted layer trades weight SQNR for output error: its codes undo errors of earlier layers.',
  };
  return [strips];
}

export function sensitivityBlocks(
  measured: readonly LayerSensitivity[],
  layers: readonly LayerStatistics[],
): Block[] {
  const byNode = new Map(measured.map(m => [m.node, m]));
  const ordered = layers.flatMap(l => byNode.get(l.node) ?? []);
  const worst = [...ordered].sort((a, b) => a.sqnr - b.sqnr).slice(0, 10);
  const strips: Strips = {
    kind: 'strips',
    itemLabel: 'layer',
    items: ordered.map(m => ({
      label: m.node,
      note: `${m.op} [${m.shape.join(', ')}], ${m.format}`,
      ...(worst.slice(0, 3).includes(m) ? { tone: 'warn' as const } : {}),
    })),
    measures: [
      {
        label: 'output SQNR',
        unit: 'dB',
        digits: 1,
        values: ordered.map(m => (Number.isFinite(m.sqnr) ? m.sqnr : null)),
      },
      { label: 'changed answers', unit: '%', digits: 2, values: ordered.map(m => 100 - m.top1) },
    ],
    caption:
      'One layer at a time is rounded to its nearest codes, all others stay in fp32; outputs are compared with those of the fp32 network on calibration samples. A low bar marks a layer that deserves more bits; changed answers are positions whose largest output is another one.',
  };
  const table: Table = {
    kind: 'table',
    title: 'The most sensitive layers',
    columns: [
      { key: 'layer', label: 'layer' },
      { key: 'shape', label: 'shape' },
      { key: 'sqnr', label: 'output SQNR', unit: 'dB', digits: 1, bar: true },
      { key: 'changed', label: 'changed answers', unit: '%', digits: 2 },
      { key: 'elements', label: 'weights', digits: 0 },
    ],
    rows: worst.map(m => ({
      layer: `${m.node} (${m.op})`,
      shape: m.shape.join(' x '),
      sqnr: m.sqnr,
      changed: 100 - m.top1,
      elements: m.elements,
    })),
  };
  return [strips, table];
}

export function histogramBlocks(graph: Graph, layers: readonly LayerStatistics[], most: number): Block[] {
  const hardest = layers
    .filter(l => Number.isFinite(l.weightSqnr) && l.elements >= 64)
    .sort((a, b) => a.weightSqnr - b.weightSqnr)
    .slice(0, most);
  const { nodes } = quantizable(graph);
  const element: IntElement = { kind: 'int', signed: true, bits: 4 };
  return hardest.flatMap(layer => {
    const found = nodes.find(x => x.node.name === layer.node);
    const constant = graph.constant(found?.weight?.name);
    if (constant === undefined) return [];
    const values = toFloat32(constant);
    let peak = 0;
    for (const x of values) peak = Math.max(peak, Math.abs(x));
    if (peak === 0) return [];
    const counts = new Array<number>(80).fill(0);
    for (const x of values) counts[Math.min(79, Math.floor(((x + peak) / (2 * peak)) * 80))]!++;
    const clip = clipMagnitude(values, element, { method: 'octav' });
    const block: Histogram = {
      kind: 'histogram',
      title: `${layer.node}: ${layer.weightSqnr.toFixed(1)} dB in ${layer.weights}`,
      axis: { label: 'weight' },
      min: -peak,
      max: peak,
      counts,
      countScale: 'log',
      markers: [
        { value: -clip, label: 'OCTAV, int4 a tensor', tone: 'warn' },
        { value: clip, label: '', tone: 'warn' },
      ],
    };
    return [block];
  });
}

export async function exampleBlocks(
  task: Task,
  outcomes: readonly SchemeOutcome[],
  most: number,
): Promise<Block[]> {
  const shown = outcomes.filter(o => o.row.value > 0);
  if (shown.length < 2) return [];
  const answers = shown.map(o => new Map(o.score.answers.map(a => [a.index, a])));
  const indices = [...answers[0]!.keys()]
    .filter(i => new Set(answers.map(map => map.get(i)?.text)).size > 1)
    .sort((a, b) => a - b)
    .slice(0, most);
  if (indices.length === 0) return [];
  const images = await pictures(task, new Set(indices));
  return [
    {
      kind: 'images',
      title: 'First evaluation samples on which the schemes disagree',
      rows: indices.flatMap(index => {
        const image = images.get(index);
        const label = answers[0]!.get(index)!.label;
        if (image === undefined) return [];
        return [
          {
            image,
            alt: label,
            lines: [
              { label: 'truth', text: label, tone: 'muted' as const },
              ...shown.map((o, s) => {
                const text = answers[s]!.get(index)?.text ?? '';
                return {
                  label: o.row.scheme,
                  text: task.metric === 'lines' ? markDifferences(label, text) : text,
                  tone: text === label ? ('good' as const) : ('bad' as const),
                };
              }),
            ],
          },
        ];
      }),
    },
  ];
}

export function leftBlocks(graph: Graph): Block[] {
  const { nodes, left } = quantizable(graph);
  const counts = new Map<string, number>();
  for (const l of left) counts.set(l.node.op, (counts.get(l.node.op) ?? 0) + 1);
  const list = [...counts].sort((a, b) => b[1] - a[1]).map(([op, n]) => `${op} (${n})`);
  const blocks: Block[] = [
    {
      kind: 'paragraph',
      text: `${nodes.length} operators have operands that a number format applies to. The others compute in fp32: ${list.join(', ')}.`,
    },
  ];
  for (const l of left.filter(x => x.warn).slice(0, 20)) {
    blocks.push({ kind: 'warning', text: `${l.node.name}: ${l.reason}` });
  }
  return blocks;
}
