// The network's parts: published features, gradients, training that repeats and resumes, windows, the committed model.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { AbortedError, InputError, UsageError } from '../../core/errors.ts';
import { Random } from '../../core/random.ts';
import { generateMultiplier } from '../../netlist/index.ts';
import { detectAdders } from '../exact/index.ts';
import {
  type Architecture,
  architecture,
  heads,
  initialParameters,
  layout,
  logitColumns,
} from './architecture.ts';
import { mappedCircuits, trainingCircuits, widestTraining } from './circuits.ts';
import { buildGraph, publishedGraph } from './graph.ts';
import { wasmKernels } from './kernels.ts';
import { circuitLabels, graphLabels, originMatch } from './labels.ts';
import { score } from './metrics.ts';
import { loadModel, type Model, modelBytes, parseModel } from './model.ts';
import { Network } from './network.ts';
import { npnClasses, npnTable } from './npn.ts';
import { predict } from './predict.ts';
import { referenceKernels } from './reference.ts';
import { trainModel } from './train.ts';

const folder = mkdtempSync(join(tmpdir(), 'bitwright-gnn-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const csa = (width: number) => generateMultiplier({ width, names: false });
const booth = (width: number) => generateMultiplier({ kind: 'booth', width, signed: true, names: false });
const untrained = (name: string, seed = 3): Model => {
  const a = architecture(name);
  return { architecture: a, parameters: initialParameters(a, seed), running: running(a), training: {} };
};
function running(a: Architecture): Float32Array {
  const w = a.widths.at(-1)!;
  return new Float32Array(2 * w).fill(1, w);
}

describe('published graph', () => {
  test('nodes, edges, features and label counts of the 8-bit array multiplier', () => {
    const aig = csa(8);
    const g = publishedGraph(aig);
    expect(g.nodes).toBe(424 + 32);
    expect(g.relations[0]!.indices.length).toBe(2 * 424 + 32);
    for (let i = 0; i < 424; i++) {
      const x = [...g.published!.subarray(4 * (16 + i), 4 * (16 + i) + 4)];
      expect(x).toEqual([1, 1, aig.fanin0[i]! & 1, aig.fanin1[i]! & 1]);
    }
    const labels = circuitLabels(aig);
    const count = (a: Uint8Array, c: number) => a.subarray(aig.firstAnd).filter(x => x === c).length;
    expect([0, 1, 2].map(c => count(labels.root, c))).toEqual([56, 56, 312]);
    const by = graphLabels(labels, g, architecture('gamora'));
    expect(by[2]!.length).toBe(g.nodes);
  });

  test('the published network has 7904 trainable numbers in its three heads', () => {
    const l = layout(architecture('gamora'));
    const perHead = l.head.rows * 3;
    expect(l.size - l.head.rows * logitColumns + 3 * perHead).toBe(7904);
  });
});

test('there are 222 classes of four-variable functions', () => {
  const table = npnTable();
  expect(new Set(table).size).toBe(npnClasses);
  expect(table[0x6666]).toBe(table[0x9999]);
  expect(table[0xe8e8]).toBe(table[0xd4d4]);
  expect(table[0x6666]).not.toBe(table[0x8888]);
});

describe('training', () => {
  test.each(['default', 'gamora'])('gradients of %s agree with finite differences', name => {
    const a = { ...architecture(name), widths: [8, 8], inputWidth: name === 'gamora' ? 4 : 8 };
    const graph = buildGraph(csa(4), a);
    const batch = { graphs: [graph], labels: [graphLabels(circuitLabels(csa(4)), graph, a)] };
    const weights = heads.map(() => Float32Array.of(1.5, 1, 0.5, 0));
    // Off the kink of ReLU, where inputs without features would start with zero biases.
    const random = new Random(6);
    const parameters = initialParameters(a, 5).map(x => x + random.between(-0.1, 0.1));
    const network = new Network(a, wasmKernels(), parameters);
    const loss = (): number => network.pass(batch, weights, [1, 1, 2, 1], undefined);
    loss();
    const gradient = network.gradients.slice();
    let dot = 0;
    let norm = 0;
    for (let i = 0; i < gradient.length; i++) norm += gradient[i]! ** 2;
    // Along the gradient the slope of the loss is its norm.
    const start = network.parameters.slice();
    const h = 2e-4 / Math.sqrt(norm);
    const shift = (s: number): void => network.parameters.set(start.map((x, i) => x + s * gradient[i]!));
    shift(h);
    const up = loss();
    shift(-h);
    dot = (up - loss()) / (2 * h);
    expect(Math.abs(dot / norm - 1)).toBeLessThan(0.02);
    // And in single coordinates of every kind of parameter.
    const l = layout(a);
    const slices = [
      l.table,
      l.layers[0]!.weight,
      l.layers[1]!.bias,
      l.dense,
      l.gamma,
      l.beta,
      l.head,
      l.headBias,
    ];
    for (const slice of slices) {
      if (slice === undefined) continue;
      const part = gradient.subarray(slice.offset, slice.offset + slice.rows * slice.columns);
      let best = 0;
      for (let i = 0; i < part.length; i++) if (Math.abs(part[i]!) > Math.abs(part[best]!)) best = i;
      const at = slice.offset + best;
      const sides = [1e-3, -1e-3].map(d => {
        network.parameters.set(start);
        network.parameters[at] = start[at]! + d;
        return loss();
      });
      const slope = (sides[0]! - sides[1]!) / 2e-3;
      expect(Math.abs(slope - gradient[at]!)).toBeLessThan(0.05 * Math.abs(gradient[at]!) + 2e-4);
    }
  });

  test('WASM and reference kernels train to the same bytes', async () => {
    const circuits = [{ name: 'csa4', aig: csa(4) }];
    for (const name of ['default', 'gamora']) {
      const options = { epochs: 2, dropout: 0.25, sampleNodes: 0 };
      const a = await trainModel(architecture(name), circuits, options);
      const b = await trainModel(architecture(name), circuits, {
        ...options,
        kernels: referenceKernels(1 << 20),
      });
      expect(Buffer.compare(modelBytes(a.model), modelBytes(b.model))).toBe(0);
    }
  });

  test('an interrupted training resumes to the same bytes; another one refuses the checkpoint', async () => {
    const circuits = [
      { name: 'csa4', aig: csa(4) },
      { name: 'booth4', aig: booth(4) },
    ];
    const options = { epochs: 6, batchNodes: 64, seed: 9 };
    const whole = await trainModel(architecture('default'), circuits, options);
    const controller = new AbortController();
    const kernels = wasmKernels();
    let steps = 0;
    const stopping = {
      ...kernels,
      adam: (...x: Parameters<typeof kernels.adam>) => {
        if (++steps === 5) controller.abort();
        kernels.adam(...x);
      },
    };
    const at = { ...options, checkpointFolder: folder };
    await expect(
      trainModel(architecture('default'), circuits, { ...at, kernels: stopping, signal: controller.signal }),
    ).rejects.toThrow(AbortedError);
    await expect(trainModel(architecture('default'), circuits, { ...at, rate: 0.001 })).rejects.toThrow(
      InputError,
    );
    const resumed = await trainModel(architecture('default'), circuits, at);
    expect(resumed.resumedAt).toBeGreaterThan(0);
    expect(Buffer.compare(modelBytes(resumed.model), modelBytes(whole.model))).toBe(0);
  });

  test('options out of range are refused', async () => {
    await expect(trainModel(architecture('default'), [], {})).rejects.toThrow(UsageError);
    expect(() => architecture('defualt')).toThrow("did you mean 'default'?");
    expect(() => trainingCircuits('mixed')).toThrow("did you mean 'mix'?");
  });

  test('a short training learns Booth multipliers it has not seen', async () => {
    const circuits = trainingCircuits('plain').filter(c => c.aig.inputCount <= 20);
    const { model } = await trainModel(architecture('default'), circuits, { epochs: 25 });
    const aig = booth(16);
    const { root } = await predict(aig, { model });
    const s = score(root, circuitLabels(aig).root, ['carry', 'sum', 'other'], aig.firstAnd);
    expect(s.balanced).toBeGreaterThan(0.97);
    expect(s.majority).toBeLessThan(0.9);
  });
});

describe('inference', () => {
  const circuits = [
    csa(10),
    booth(11),
    ...mappedCircuits()
      .slice(0, 3)
      .map(c => c.aig),
  ];

  test.each(['default', 'gamora'])('windows of %s give the bytes of the whole graph', async name => {
    const model = untrained(name);
    for (const aig of circuits) {
      const whole = await predict(aig, { model, windowNodes: 1 << 20 });
      for (const windowNodes of [64, 150]) {
        const p = await predict(aig, { model, windowNodes });
        for (const key of ['root', 'origin', 'shared', 'carryProbability', 'sumProbability'] as const) {
          expect(Buffer.compare(p[key], whole[key])).toBe(0);
        }
      }
    }
  });

  test('windows give the logits of the training pass', async () => {
    for (const aig of circuits) {
      const model = untrained('default');
      const network = new Network(model.architecture, wasmKernels(), model.parameters);
      const logits = network.predict(buildGraph(aig, model.architecture));
      const { root } = await predict(aig, { model, windowNodes: 128 });
      for (let v = 1; v < aig.variableCount; v++) {
        const [a, b, c] = logits.subarray(v * logitColumns + 8, v * logitColumns + 11);
        expect(root[v]).toBe(b! > a! ? (c! > b! ? 2 : 1) : c! > a! ? 2 : 0);
      }
    }
  });

  test('two workers give the bytes of one thread', async () => {
    const aig = booth(24);
    const one = await predict(aig, { windowNodes: 512 });
    const two = await predict(aig, { windowNodes: 512, threads: 2 });
    expect(Buffer.compare(one.root, two.root)).toBe(0);
    expect(Buffer.compare(one.carryProbability, two.carryProbability)).toBe(0);
  });

  test('the committed model labels unseen widths', async () => {
    for (const aig of [csa(40), booth(40)]) {
      const labels = circuitLabels(aig);
      const p = await predict(aig);
      const s = score(p.root, labels.root, ['carry', 'sum', 'other'], aig.firstAnd);
      expect(s.accuracy).toBeGreaterThan(0.999);
      expect(s.balanced).toBeGreaterThan(0.99);
    }
  });

  test('an aborted prediction stops', async () => {
    for (const threads of [1, 2]) {
      await expect(predict(csa(16), { threads, signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
    }
  });
});

describe('labels and files', () => {
  test('original-adder labels: a mapped circuit keeps every sum and carry as some net, none of 8 bits by chance', () => {
    for (const { aig, original, name } of mappedCircuits()) {
      expect(original!.inputCount).toBeLessThanOrEqual(2 * widestTraining);
      if (!/^(csa|booth)8\./.test(name)) continue;
      const match = originMatch(aig, original!, detectAdders(original!).adders);
      expect(match.labels.filter(x => x === 0).length).toBeGreaterThan(20);
      // All 65536 inputs, 32 a word: the matched nets equal the literals they were matched with.
      for (let block = 0; block < 2048; block++) {
        const a = evaluate(aig, block);
        const b = evaluate(original!, block);
        for (let v = aig.firstAnd; v < aig.variableCount; v++) {
          if (match.labels[v] === 2) continue;
          const literal = match.literals[v]!;
          if (a[v] !== (b[literal >>> 1]! ^ -(literal & 1)))
            throw new Error(`${name}: net ${v} is not ${literal}`);
        }
      }
    }
  });

  test('model files round trip; damaged ones are refused', () => {
    const bytes = modelBytes(loadModel());
    expect(Buffer.compare(modelBytes(parseModel(bytes, 'x')), bytes)).toBe(0);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), cut => {
        expect(() => parseModel(bytes.subarray(0, cut), 'x')).toThrow(InputError);
      }),
      { numRuns: 50 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const damaged = bytes.slice();
        damaged[at] = value;
        try {
          parseModel(damaged, 'x');
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('scores', () => {
    const s = score(Uint8Array.of(0, 1, 2, 2, 1), Uint8Array.of(0, 2, 2, 2, 255), ['a', 'b', 'c']);
    expect(s.nodes).toBe(4);
    expect(s.accuracy).toBe(0.75);
    expect(s.balanced).toBeCloseTo((1 + 2 / 3) / 2);
    expect(s.majority).toBe(0.75);
    expect(s.classes[2]!.f1).toBeCloseTo(0.8);
  });
});

/** Values of all variables for inputs 32·block … 32·block+31. */
function evaluate(aig: ReturnType<typeof csa>, block: number): Int32Array {
  const low = [0xaaaaaaaa, 0xcccccccc, 0xf0f0f0f0, 0xff00ff00, 0xffff0000];
  const s = new Int32Array(aig.variableCount);
  for (let i = 0; i < aig.inputCount; i++) s[1 + i] = i < 5 ? low[i]! : -((block >> (i - 5)) & 1);
  for (let i = 0; i < aig.andCount; i++) {
    const a = aig.fanin0[i]!;
    const b = aig.fanin1[i]!;
    s[aig.firstAnd + i] = (s[a >>> 1]! ^ -(a & 1)) & (s[b >>> 1]! ^ -(b & 1));
  }
  return s;
}
