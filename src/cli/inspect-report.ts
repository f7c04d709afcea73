// The summary of a model as a report: figures, inputs and outputs, operators, weights, quantizable tensors, what is left.
// Layout only: it refuses to compute anything but sums.

import { basename } from 'node:path';
import type { Dimension, ModelSummary, ValueSummary } from '../model/index.ts';
import type { Block, Report, Table } from '../report/index.ts';

/** @param ran dimensions the inputs had in the run that shapes come from, or why there was none */
export function inspectReport(
  summary: ModelSummary,
  ran: { inputs: Record<string, readonly number[]> } | { reason: string },
): Report {
  const { left } = summary;
  const warnings = left.filter(x => x.warn);
  const blocks: Block[] = [quantizableTable(summary)];
  const sections = [
    { title: 'Model', blocks: [figures(summary, ran), values(summary), ...notes(summary)] },
    { title: 'Operators', blocks: [operatorTable(summary)] },
    { title: 'Weights', blocks: [weightTable(summary)] },
    { title: 'Quantizable', blocks },
    {
      title: 'Left in floating point',
      blocks: [
        ...warnings.map(
          (x): Block => ({ kind: 'warning', text: `${x.reason}: ${x.nodes.slice(0, 12).join(', ')}` }),
        ),
        leftTable(summary),
      ],
    },
    { title: 'Scales and shifts that fold into weights', blocks: foldingBlocks(summary) },
  ];
  const file = summary.file ?? '';
  return { title: `Model ${basename(file)}`, subtitle: file, sections };
}

/** Dimensions as text, `?` where nothing is known. */
function shapeText(shape: readonly Dimension[] | undefined): string {
  return shape === undefined
    ? '?'
    : shape.length === 0
      ? 'scalar'
      : shape.map(d => d ?? '?').join(shape.some(d => typeof d === 'string') ? ', ' : 'x');
}

function figures(
  summary: ModelSummary,
  ran: { inputs: Record<string, readonly number[]> } | { reason: string },
): Block {
  const domains = Object.entries(summary.domains).map(([domain, version]) => `${domain} ${version}`);
  const size =
    'reason' in ran
      ? `not run: ${ran.reason}`
      : `with ${Object.entries(ran.inputs)
          .map(([name, dims]) => `${name} ${shapeText(dims)}`)
          .join(', ')}`;
  return {
    kind: 'figures',
    items: [
      {
        label: 'operator set',
        value: String(summary.opset),
        note: [`${summary.nodes} nodes`, ...domains].join(', '),
      },
      { label: 'producer', value: summary.producer || 'not told', note: `IR version ${summary.irVersion}` },
      { label: 'weights', value: (summary.weightBytes / 2 ** 20).toFixed(2), unit: 'MiB' },
      {
        label: 'quantizable',
        value: (summary.quantizableShare * 100).toFixed(1),
        unit: '%',
        note: `of the float32 elements: ${summary.quantizableElements} in ${summary.quantizable.length} operators`,
      },
      {
        label: 'multiply-accumulates',
        value: summary.macs === undefined ? 'not known' : (summary.macs / 1e6).toFixed(2),
        unit: summary.macs === undefined ? undefined : 'M',
        note: size,
      },
    ],
  };
}

function notes({ alreadyQuantized, precision }: ModelSummary): Block[] {
  const told = precision === undefined ? undefined : `the model ${precision}`;
  return [alreadyQuantized, told].flatMap((text): Block[] =>
    text === undefined ? [] : [{ kind: 'warning', text }],
  );
}

function values({ inputs, outputs }: ModelSummary): Table {
  const row = (side: string) => (x: ValueSummary) => ({
    ...{ side, name: x.name, type: x.type ?? 'not a tensor', shape: shapeText(x.shape) },
  });
  return {
    kind: 'table',
    columns: [
      { key: 'side', label: '' },
      { key: 'name', label: 'name' },
      { key: 'type', label: 'type' },
      { key: 'shape', label: 'shape' },
    ],
    rows: [...inputs.map(row('input')), ...outputs.map(row('output'))],
  };
}

function operatorTable({ operators }: ModelSummary): Table {
  return {
    kind: 'table',
    columns: [
      { key: 'op', label: 'operator' },
      { key: 'count', label: 'nodes', digits: 0 },
    ],
    rows: operators.map(x => ({ op: x.domain === '' ? x.op : `${x.domain}.${x.op}`, count: x.count })),
  };
}

function weightTable({ weights }: ModelSummary): Table {
  return {
    kind: 'table',
    columns: [
      { key: 'type', label: 'type' },
      { key: 'tensors', label: 'tensors', digits: 0 },
      { key: 'elements', label: 'elements', digits: 0 },
      { key: 'bytes', label: 'bytes', digits: 0 },
    ],
    rows: weights,
  };
}

function quantizableTable(summary: ModelSummary): Table {
  const percent = (part: number | undefined, whole: number | undefined): number | undefined =>
    part === undefined || whole === undefined || whole === 0 ? undefined : (100 * part) / whole;
  return {
    kind: 'table',
    caption:
      'Vectors run along the reduction axis; a channel is one output channel. Share: of the multiply-accumulates of all quantizable operators.',
    columns: [
      { key: 'node', label: 'operator' },
      { key: 'kind', label: 'kind' },
      { key: 'shape', label: 'weights' },
      { key: 'axes', label: 'channel/reduction axis' },
      { key: 'notes', label: '' },
      { key: 'elements', label: 'elements', digits: 0 },
      { key: 'macs', label: 'MACs', digits: 0 },
      { key: 'share', label: 'share', unit: '%', digits: 1, bar: true },
    ],
    rows: summary.quantizable.map(x => {
      const grouped = x.depthwise ? 'depthwise' : x.group > 1 ? `${x.group} groups` : '';
      const notes = [grouped, x.first ? 'first' : '', x.last ? 'last' : ''].filter(Boolean).join(', ');
      return {
        node: x.node,
        kind: x.kind,
        shape:
          x.shape === undefined
            ? x.computedWeight
              ? 'computed from constants'
              : 'two activations'
            : shapeText(x.shape),
        axes: x.shape === undefined ? '' : `${x.channelAxis}/${x.reductionAxis}`,
        notes,
        elements: x.elements,
        macs: x.macs,
        share: percent(x.macs, summary.macs),
      };
    }),
  };
}

function leftTable({ left }: ModelSummary): Table {
  return {
    kind: 'table',
    columns: [
      { key: 'reason', label: 'reason' },
      { key: 'count', label: 'nodes', digits: 0 },
    ],
    rows: left.map(x => ({ reason: x.reason, count: x.count })),
  };
}

function foldingBlocks({ folding }: ModelSummary): Block[] {
  const done = Object.entries(folding.done);
  const rows = [
    ...done.map(([what, count]) => ({ what, count, reason: '' })),
    ...folding.left.map(x => ({ what: `${x.node} stays`, count: 1, reason: x.reason })),
  ];
  if (rows.length === 0) return [{ kind: 'paragraph', text: 'None.' }];
  return [
    {
      kind: 'table',
      columns: [
        { key: 'what', label: 'fold' },
        { key: 'count', label: 'nodes', digits: 0 },
        { key: 'reason', label: 'why not' },
      ],
      rows,
    },
  ];
}
