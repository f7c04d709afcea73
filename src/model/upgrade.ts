// Moves a model from an older operator set to a newer one (7 to 21): attributes that became inputs, renamed operators,
// changed defaults. Outputs stay the same. Refuses, naming the operator, what has no equal in the newer set.

import { InputError } from '../core/errors.ts';
import { type Attribute, attribute } from './attribute.ts';
import type { Graph } from './graph.ts';
import type { GraphNode } from './node.ts';
import { graphFromProto } from './read-graph.ts';
import { int64Tensor, makeTensor, type Tensor } from './tensor.ts';
import { graphToProto } from './write.ts';

export interface UpgradeStatistics {
  from: number;
  to: number;
  /** Nodes rewritten, by operator. */
  rewritten: Record<string, number>;
}

/** Rewrites one node for the step to `since`; the node may be replaced by several. */
interface Step {
  since: number;
  apply(graph: Graph, node: GraphNode): void;
}

const reductions = [
  'ReduceMean',
  'ReduceMax',
  'ReduceMin',
  'ReduceProd',
  'ReduceL1',
  'ReduceL2',
  'ReduceLogSum',
  'ReduceLogSumExp',
  'ReduceSumSquare',
];

const steps: Record<string, Step[]> = {
  BatchNormalization: [
    { since: 9, apply: batchSpatial },
    { since: 14, apply: batchTraining },
  ],
  Upsample: [{ since: 10, apply: upsample }],
  Resize: [{ since: 11, apply: resize10 }],
  Slice: [{ since: 10, apply: (g, n) => attributesToInputs(g, n, ['starts', 'ends', 'axes']) }],
  TopK: [{ since: 10, apply: topK }],
  Dropout: [
    { since: 10, apply: dropoutMask },
    { since: 12, apply: (g, n) => void change(g, n, { drop: ['ratio'] }) },
  ],
  Clip: [{ since: 11, apply: clip }],
  Pad: [{ since: 11, apply: pad }],
  Scatter: [{ since: 11, apply: (g, n) => void g.replaceNode(n, { op: 'ScatterElements' }) }],
  Squeeze: [{ since: 13, apply: (g, n) => attributesToInputs(g, n, ['axes']) }],
  Unsqueeze: [{ since: 13, apply: (g, n) => attributesToInputs(g, n, ['axes']) }],
  ReduceSum: [{ since: 13, apply: (g, n) => attributesToInputs(g, n, ['axes']) }],
  Split: [
    { since: 13, apply: (g, n) => attributesToInputs(g, n, ['split']) },
    { since: 18, apply: splitCount },
  ],
  Softmax: [{ since: 13, apply: flattenedAxis }],
  LogSoftmax: [{ since: 13, apply: flattenedAxis }],
  Hardmax: [{ since: 13, apply: flattenedAxis }],
  RoiAlign: [
    {
      since: 16,
      apply: (g, n) =>
        void change(g, n, { set: { coordinate_transformation_mode: attribute.string('output_half_pixel') } }),
    },
  ],
  GridSample: [{ since: 20, apply: gridMode }],
  GroupNormalization: [{ since: 21, apply: groupParameters }],
  DFT: [{ since: 20, apply: (g, n) => refuse(g, n, 20) }],
  Scan: [{ since: 9, apply: (g, n) => refuse(g, n, 9) }],
  ...Object.fromEntries(
    reductions.map(op => [
      op,
      [{ since: 18, apply: (g: Graph, n: GraphNode) => attributesToInputs(g, n, ['axes']) }],
    ]),
  ),
};

/**
 * Upgrades in place; does nothing when the model is at `target` or above.
 * @param target operator set wanted, 8 to 21; default 21
 * @throws InputError naming the node that cannot be expressed in the newer set
 */
export function upgradeOpset(graph: Graph, target = 21): UpgradeStatistics {
  const from = graph.opset;
  const statistics: UpgradeStatistics = { from, to: Math.max(from, target), rewritten: {} };
  if (from >= target) return statistics;
  refuseFunctions(graph, from, target);
  for (let version = from + 1; version <= target; version++) {
    for (const node of graph.order()) {
      if (node.domain !== '') continue;
      const step = steps[node.op]?.find(x => x.since === version);
      if (step === undefined) continue;
      step.apply(graph, node);
      statistics.rewritten[node.op] = (statistics.rewritten[node.op] ?? 0) + 1;
    }
  }
  for (const node of graph.order()) if (node.hasBody) upgradeBodies(graph, node, target, statistics);
  graph.opsets.set('', target);
  return statistics;
}

function upgradeBodies(graph: Graph, node: GraphNode, target: number, statistics: UpgradeStatistics): void {
  for (const [name, a] of node.attributes) {
    if (a.kind !== 'graph') continue;
    const { file, opsets, functions } = graph;
    const body = graphFromProto(a.value, { file, opsets, functions, outer: new Set(node.captures) });
    const inner = upgradeOpset(body, target);
    for (const [op, n] of Object.entries(inner.rewritten)) {
      statistics.rewritten[op] = (statistics.rewritten[op] ?? 0) + n;
    }
    node.attributes.set(name, attribute.graph(graphToProto(body)));
  }
}

function refuseFunctions(graph: Graph, from: number, target: number): void {
  for (const f of graph.functions) {
    for (const node of f.node) {
      const step =
        node.domain === '' ? steps[node.opType]?.find(x => x.since > from && x.since <= target) : undefined;
      if (step === undefined) continue;
      throw new InputError(
        `function '${f.name}' uses ${node.opType}, which changed in operator set ${step.since}`,
        {
          file: graph.file,
          node: node.name,
          expected: `a model of operator set ${step.since} or above`,
        },
      );
    }
  }
}

function refuse(graph: Graph, node: GraphNode, since: number, what = ''): never {
  throw new InputError(`${node.op}${what} has no equal in operator set ${since}`, {
    file: graph.file,
    node: node.name,
  });
}

interface Change {
  op?: string;
  inputs?: string[];
  set?: Record<string, Attribute>;
  drop?: string[];
}

function change(graph: Graph, node: GraphNode, { op, inputs, set, drop = [] }: Change): GraphNode {
  const attributes = { ...Object.fromEntries(node.attributes), ...set };
  for (const name of drop) delete attributes[name];
  return graph.replaceNode(node, { ...(op && { op }), ...(inputs && { inputs }), attributes });
}

function constantInput(graph: Graph, node: GraphNode, name: string, tensor: Tensor): string {
  return graph.addConstant(`${node.name}_${name}`, tensor);
}

/** Integer lists that became inputs after the data; one that is absent becomes an empty input. */
function attributesToInputs(graph: Graph, node: GraphNode, names: string[]): void {
  const inputs = [node.inputs[0]!];
  for (const name of names) {
    const a = node.attributes.get(name);
    inputs.push(a?.kind === 'ints' ? constantInput(graph, node, name, int64Tensor(a.value)) : '');
  }
  while (inputs.at(-1) === '') inputs.pop();
  change(graph, node, { inputs, drop: names });
}

function batchSpatial(graph: Graph, node: GraphNode): void {
  if (node.int('spatial', 1) === 0) refuse(graph, node, 9, ' with spatial=0');
  change(graph, node, { drop: ['spatial'] });
}

function batchTraining(graph: Graph, node: GraphNode): void {
  if (node.outputs.slice(1).some(x => x !== '')) refuse(graph, node, 14, ' with training outputs');
}

function dropoutMask(graph: Graph, node: GraphNode): void {
  const mask = node.outputs[1];
  if (mask && (graph.consumers(mask).length > 0 || graph.isOutput(mask)))
    refuse(graph, node, 10, ' with a used mask');
}

function scalarLike(graph: Graph, node: GraphNode, value: number): Tensor {
  const type = graph.typeOf(node.inputs[0]!)?.type ?? 'float32';
  if (type === 'float64') return makeTensor('float64', [], Float64Array.of(value));
  if (type !== 'float32') refuse(graph, node, 11, ` of ${type}`);
  return makeTensor('float32', [], Float32Array.of(value));
}

function clip(graph: Graph, node: GraphNode): void {
  const inputs = [node.inputs[0]!, '', ''];
  const low = node.float('min');
  const high = node.float('max');
  if (low !== undefined) inputs[1] = constantInput(graph, node, 'min', scalarLike(graph, node, low));
  if (high !== undefined) inputs[2] = constantInput(graph, node, 'max', scalarLike(graph, node, high));
  while (inputs.at(-1) === '') inputs.pop();
  change(graph, node, { inputs, drop: ['min', 'max'] });
}

function pad(graph: Graph, node: GraphNode): void {
  const a = node.attributes.get('pads');
  if (a?.kind !== 'ints') refuse(graph, node, 11, ' without pads');
  const inputs = [node.inputs[0]!, constantInput(graph, node, 'pads', int64Tensor(a.value))];
  const value = node.float('value');
  if (value !== undefined) inputs.push(constantInput(graph, node, 'value', scalarLike(graph, node, value)));
  change(graph, node, { inputs, drop: ['pads', 'value'] });
}

function topK(graph: Graph, node: GraphNode): void {
  const k = constantInput(graph, node, 'k', int64Tensor([node.int('k', 1)]));
  change(graph, node, { inputs: [node.inputs[0]!, k], drop: ['k'] });
}

function splitCount(graph: Graph, node: GraphNode): void {
  if (!node.inputs[1]) change(graph, node, { set: { num_outputs: attribute.int(node.outputs.length) } });
}

/** Upsample-7 and -9 as Resize-10, which has the same coordinates. */
function upsample(graph: Graph, node: GraphNode): void {
  const scales = node.floats('scales');
  const inputs =
    scales === undefined
      ? [...node.inputs]
      : [
          node.inputs[0]!,
          constantInput(
            graph,
            node,
            'scales',
            makeTensor('float32', [scales.length], Float32Array.from(scales)),
          ),
        ];
  const mode = node.string('mode', 'nearest');
  const set = { mode: attribute.string(mode === 'bilinear' ? 'linear' : mode) };
  change(graph, node, { op: 'Resize', inputs, set, drop: ['scales'] });
}

/** Resize-10 has asymmetric coordinates; its nearest mode rounds down when it enlarges. */
function resize10(graph: Graph, node: GraphNode): void {
  const set: Record<string, Attribute> = { coordinate_transformation_mode: attribute.string('asymmetric') };
  if (node.string('mode', 'nearest') === 'nearest') {
    const scales = graph.constant(node.inputs[1]);
    const values = scales === undefined ? undefined : Array.from(scales.data as Float32Array);
    if (values?.every(s => s >= 1) === true) set['nearest_mode'] = attribute.string('floor');
    else if (values?.every(s => s <= 1) === true) set['nearest_mode'] = attribute.string('ceil');
    else refuse(graph, node, 11, ' to the nearest neighbour with computed or mixed scales');
  }
  change(graph, node, { inputs: [node.inputs[0]!, '', node.inputs[1]!], set });
}

/** Before 13 these worked on the matrix made of the axes before `axis` and those from it on. */
function flattenedAxis(graph: Graph, node: GraphNode): void {
  const axis = node.int('axis', 1);
  const rank = graph.shapeOf(node.inputs[0]!)?.length;
  if (axis === -1 || (rank !== undefined && axis === rank - 1)) {
    change(graph, node, { set: { axis: attribute.int(-1) } });
    return;
  }
  const [x] = node.inputs as [string];
  const [y] = node.outputs as [string];
  const name = (hint: string): string => graph.uniqueName(`${node.name}_${hint}`);
  const [shape, flat, result] = [name('shape'), name('flat'), name('result')];
  graph.addNode({ op: 'Shape', name: `${node.name}_Shape`, inputs: [x], outputs: [shape] });
  graph.addNode({
    op: 'Flatten',
    name: `${node.name}_Flatten`,
    inputs: [x],
    outputs: [flat],
    attributes: { axis: attribute.int(axis) },
  });
  graph.replaceNode(node, {
    inputs: [flat],
    outputs: [result],
    attributes: { ...Object.fromEntries(node.attributes), axis: attribute.int(-1) },
  });
  graph.addNode({ op: 'Reshape', name: `${node.name}_Reshape`, inputs: [result, shape], outputs: [y] });
}

/** Scale and bias were one a group, and are one a channel: each is repeated for the channels of its group. */
function groupParameters(graph: Graph, node: GraphNode): void {
  const [x, ...parameters] = node.inputs as [string, ...string[]];
  const make = (op: string, inputs: string[], attributes: Record<string, Attribute> = {}): string => {
    const name = graph.uniqueName(`${node.name}_${op}`);
    graph.addNode({ op, name, inputs, outputs: [name], attributes });
    return name;
  };
  const constant = (name: string, value: number): string =>
    constantInput(graph, node, name, int64Tensor([value]));
  const channels = make('Shape', [x], { start: attribute.int(1), end: attribute.int(2) });
  const each = make('Div', [channels, constant('groups', node.int('num_groups', 1))]);
  const dims = make('Concat', [constant('one', 1), each], { axis: attribute.int(0) });
  const [last, flat] = [constant('last', 1), constant('flat', -1)];
  const repeated = parameters.map(p =>
    make('Reshape', [make('Expand', [make('Unsqueeze', [p, last]), dims]), flat]),
  );
  change(graph, node, { inputs: [x, ...repeated] });
}

function gridMode(graph: Graph, node: GraphNode): void {
  const mode = node.string('mode', 'bilinear');
  const renamed = mode === 'bilinear' ? 'linear' : mode === 'bicubic' ? 'cubic' : mode;
  change(graph, node, { set: { mode: attribute.string(renamed) } });
}
