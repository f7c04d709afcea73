// Static shapes against those ONNX Runtime makes: every value of the three demo networks, as read and as prepared.

import { expect, test } from 'vitest';
import { createTask, taskNames } from '../demo/index.ts';
import { float32Tensor, inferShapes, measureShapes, readModelFile } from '../model/index.ts';
import { prepareGraph } from './prepare.ts';

const inputs: Record<string, readonly number[]> = {
  ...{ recogniser: [2, 3, 48, 160], direction: [2, 3, 48, 192], fashion: [3, 1, 28, 28] },
};

test.each(taskNames)('%s: every shape is derived and is the one ONNX Runtime makes', async name => {
  const raw = readModelFile(createTask(name, { seed: 1 }).model);
  const dims = inputs[name]!;
  for (const graph of [raw, (await prepareGraph(raw)).graph]) {
    const x = graph.inputs.find(i => graph.constant(i.name) === undefined)!.name;
    const feed = float32Tensor(dims, new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(0.1));
    const actual = await measureShapes(graph, { [x]: feed });
    const given = inferShapes(graph, new Map([[x, dims]]));
    expect(actual.size).toBeGreaterThan(30);
    for (const [value, shape] of actual) expect([value, given.get(value)]).toEqual([value, shape]);
    // from the declarations alone: nothing known is wrong, and most channels are known
    const open = inferShapes(graph);
    const sizes = new Map<string, number>();
    graph.inputs[0]!.type!.shape!.forEach((d, i) => {
      if (typeof d === 'string') sizes.set(d, dims[i]!);
    });
    let numbers = 0;
    let dimensions = 0;
    for (const [value, shape] of open) {
      const real = actual.get(value);
      if (real === undefined) continue;
      expect([value, shape.length]).toEqual([value, real.length]);
      shape.forEach((d, i) => {
        dimensions++;
        if (typeof d === 'number') numbers++;
        if (typeof d === 'number') expect([value, i, d]).toEqual([value, i, real[i]]);
        else if (d !== null && sizes.has(d))
          expect([value, i, d, sizes.get(d)]).toEqual([value, i, d, real[i]]);
      });
    }
    expect(open.size).toBe(given.size);
    expect(numbers / dimensions).toBeGreaterThan(0.4);
  }
});
