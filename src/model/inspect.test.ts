import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { distModule } from '../core/places.ts';
import { attribute } from './attribute.ts';
import { Graph } from './graph.ts';
import { inspectModel } from './inspect.ts';
import { inType, networks, noise, smallNetwork } from './networks.fixture.ts';
import { readModelFile } from './read.ts';
import { runGraphOnce } from './session.ts';
import { measureDefaultShapes, measureShapes } from './shapes.ts';
import { elementCount } from './tensor.ts';
import { serializeModel } from './write.ts';

describe('measureShapes', () => {
  test.each(['recogniser', 'classifier'] as const)('%s: the shapes of what the run makes', async name => {
    const graph = readModelFile(networks[name].path);
    const feeds = { x: noise(networks[name].dims, 1) };
    const shapes = await measureShapes(graph, feeds);
    const extraOutputs = graph.order().flatMap(n => n.outputs.filter(x => x !== ''));
    const values = await runGraphOnce(graph, feeds, { extraOutputs, optimization: 'basic' });
    expect(Object.keys(values).length).toBeGreaterThan(200);
    for (const [value, tensor] of Object.entries(values)) expect(shapes.get(value)).toEqual(tensor.dims);
  });

  test('values that are no tensors have no shape', async () => {
    const graph = smallNetwork();
    graph.addNode({ op: 'SequenceConstruct', inputs: ['d'], outputs: ['s'] });
    graph.addNode({ op: 'SequenceLength', inputs: ['s'], outputs: ['length'] });
    graph.outputs.push({ name: 'length', type: { type: 'int64', shape: [] } });
    const shapes = await measureShapes(graph, { x: noise([3, 2, 6, 6], 1) });
    expect(shapes.get('u')).toEqual([3, 6, 8, 8]);
    expect(shapes.get('length')).toEqual([]);
    expect(shapes.has('s')).toBe(false);
  });

  test('default sizes: declared ones, else the first the model runs with', async () => {
    const small = await measureDefaultShapes(smallNetwork());
    expect(small.inputs).toEqual({ x: [1, 2, 6, 6] });
    const recogniser = readModelFile(networks.recogniser.path);
    expect((await measureDefaultShapes(recogniser)).inputs['x']!.slice(0, 3)).toEqual([1, 3, 48]);
    const given = await measureDefaultShapes(recogniser, new Map([['x', [1, 3, 48, 64]]]));
    expect(given.inputs).toEqual({ x: [1, 3, 48, 64] });
    // A dense layer of 28 by 28 pixels runs with none of the larger sizes.
    const flat = smallNetwork();
    flat.inputs = [{ name: 'x', type: { type: 'float32', shape: ['n', 2, 'h', 'w'] } }];
    flat.replaceNode(flat.node('pool')!, { op: 'Identity' });
    flat.addNode({
      op: 'Reshape',
      inputs: ['u', flat.addConstant('to', { type: 'int64', dims: [2], data: BigInt64Array.of(1n, 16224n) })],
      outputs: ['v'],
    });
    flat.addOutput('v');
    flat.outputs = flat.outputs.filter(x => x.name === 'v');
    flat.removeUnused();
    expect((await measureDefaultShapes(flat)).inputs).toEqual({ x: [1, 2, 28, 28] });
  });

  test('a model that runs with no default size says why', async () => {
    const graph = smallNetwork();
    graph.inputs = [{ name: 'x', type: { type: 'float32', shape: undefined } }];
    await expect(measureDefaultShapes(graph)).rejects.toThrow(/input 'x' declares no rank/);
  });
});

describe('inspectModel', () => {
  test('counts of the recogniser agree with the graph', async () => {
    const graph = readModelFile(networks.recogniser.path);
    const before = graph.nodes.size;
    const { shapes } = await measureDefaultShapes(graph, new Map([['x', [1, 3, 48, 224]]]));
    const summary = inspectModel(graph, shapes);
    expect(graph.nodes.size).toBe(before);
    expect(summary).toMatchObject({ opset: 9, nodes: before, alreadyQuantized: undefined });
    expect(summary.operators.reduce((n, x) => n + x.count, 0)).toBe(before);
    expect(summary.quantizable.length + summary.left.reduce((n, x) => n + x.count, 0)).toBe(before);
    const bytes = [...graph.constants.values()].reduce((n, t) => n + (t.data as Float32Array).byteLength, 0);
    expect(summary.weightBytes).toBe(bytes);
    // Every convolution: output elements times weights of one output.
    for (const x of summary.quantizable) {
      if (x.kind !== 'conv') continue;
      expect(x.macs).toBe(elementCount(x.output!) * elementCount(x.shape!.slice(1)));
    }
    expect(summary.macs).toBe(summary.quantizable.reduce((n, x) => n + x.macs!, 0));
    expect(summary.folding.done).toMatchObject({ 'BatchNormalization into Conv': 6 });
  });

  test('shared weights count once', () => {
    const graph = smallNetwork();
    const once = inspectModel(graph).quantizableElements;
    expect(once).toBe(72 + 48 + 30 + 15);
    graph.addNode({ op: 'Conv', inputs: ['x', 'w1'], outputs: ['again'] });
    graph.addOutput('again');
    expect(inspectModel(graph)).toMatchObject({ quantizableElements: once, quantizable: { length: 5 } });
  });
});

describe('bitwright inspect', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bitwright-inspect-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run = (...words: string[]) => {
    const main = fileURLToPath(distModule('cli/main'));
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'inspect', ...words], {
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };
  const write = (name: string, bytes: Uint8Array): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };

  test('tables, JSON and a page', () => {
    const path = write('small.onnx', serializeModel(smallNetwork()));
    const { status, stdout } = run(path, '--out', join(folder, 'out'));
    expect(status).toBe(0);
    for (const text of ['operator set', 'ConvTranspose', 'conv', '1,152', '2 groups', 'first', 'last']) {
      expect(stdout).toContain(text);
    }
    expect(readdirSync(join(folder, 'out')).sort()).toEqual(['inspect.html', 'inspect.json']);
    expect(readFileSync(join(folder, 'out', 'inspect.html'), 'utf8')).toContain('ConvTranspose');
    const json = JSON.parse(run(path, '--json').stdout);
    expect(json).toMatchObject({
      schema: 'bitwright/inspect@1',
      opset: 13,
      macs: 1965,
      run: { inputs: { x: [1, 2, 6, 6] } },
    });
    expect(JSON.parse(run(path, '--json', '--no-run').stdout)).toMatchObject({ run: { reason: '--no-run' } });
    expect(JSON.parse(run(path, '--json', '--size', 'x=5x2x6x6').stdout).macs).toBe(5 * 1965);
  });

  test('a quantized model is shown with its reason', () => {
    const graph = smallNetwork();
    graph.addNode({ op: 'DynamicQuantizeLinear', name: 'q', inputs: ['d'], outputs: ['a', 'b', 'c8'] });
    graph.outputs.push({ name: 'a', type: { type: 'uint8' } });
    const { status, stdout } = run(write('quantized.onnx', serializeModel(graph)));
    expect(status).toBe(0);
    expect(stdout).toContain("quantized already (1 DynamicQuantizeLinear; node 'q'");
  });

  test('weights stored in another type and converted are told from activations', () => {
    const graph = new Graph();
    graph.opsets.set('', 21);
    graph.inputs = [{ name: 'x', type: { type: 'float32', shape: [2, 4] } }];
    graph.setConstant('half', { type: 'float16', dims: [4, 3], data: new Uint16Array(12) } as never);
    graph.addNode({ op: 'Cast', inputs: ['half'], outputs: ['w'], attributes: { to: attribute.int(1) } });
    graph.addNode({ op: 'MatMul', name: 'product', inputs: ['x', 'w'], outputs: ['y'] });
    graph.outputs = [{ name: 'y', type: { type: 'float32' } }];
    const { status, stdout } = run(write('half.onnx', serializeModel(graph)));
    expect(status).toBe(0);
    expect(stdout).toMatch(/product +matmul +computed from constants/);
  });

  test('a model in another floating-point type is told as what it is converted to', () => {
    const half = run(write('float16.onnx', serializeModel(inType(smallNetwork(), 'float16'))), '--json');
    const single = JSON.parse(run(write('float32.onnx', serializeModel(smallNetwork())), '--json').stdout);
    const summary = JSON.parse(half.stdout);
    expect(summary).toMatchObject({ quantizable: single.quantizable, macs: single.macs, run: single.run });
    expect(summary.quantizableShare).toBe(single.quantizableShare);
    expect(summary.weights[0].type).toBe('float16');
    expect(summary.precision).toBe('computes in float16: converted to float32, inputs and outputs included');
  });

  test('a model the runtime refuses is still shown', () => {
    const graph = smallNetwork();
    graph.addNode({
      op: 'NoSuchOperator',
      inputs: ['d'],
      outputs: ['z'],
      attributes: { k: attribute.int(1) },
    });
    graph.outputs.push({ name: 'z', type: { type: 'float32' } });
    const { status, stdout } = run(write('unknown.onnx', serializeModel(graph)));
    expect(status).toBe(0);
    expect(stdout).toMatch(/not run: .*ONNX Runtime refuses the model/);
    // shapes are derived from the operators instead
    expect(stdout).toMatch(/multiply-accumulates +0\.\d\d M/);
  });

  test('bad input: one line, exit code 2 or 3', () => {
    const bytes = serializeModel(smallNetwork());
    const small = write('good.onnx', bytes);
    const cases: [number, RegExp, string[]][] = [
      [
        3,
        /cut\.onnx.*not a well-formed ONNX file/,
        [write('cut.onnx', bytes.subarray(0, bytes.length - 20))],
      ],
      [3, /text\.onnx/, [write('text.onnx', new TextEncoder().encode('not a model'))]],
      [3, /cannot read \(ENOENT\)/, [join(folder, 'absent.onnx')]],
      [2, /--size got 'x=0x3'/, [small, '--size', 'x=0x3']],
      [2, /--size names input 'z'; expected one of x/, [small, '--size', 'z=1x3']],
      [3, /input 'x' got float32\[1,2,7,7\]/, [small, '--size', 'x=1x2x7x7']],
      [2, /unknown option '--sise'/, [small, '--sise', 'x=1']],
    ];
    for (const [code, message, words] of cases) {
      const { status, stdout, stderr } = run(...words);
      expect([status, stdout]).toEqual([code, '']);
      expect(stderr).toMatch(message);
      expect(stderr.trim().split('\n').length).toBe(1);
    }
  });
});
