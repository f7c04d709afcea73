import { expect, test } from 'vitest';
import { Random } from '../core/random.ts';
import { parseFormat, quantizeDequantize } from '../format/index.ts';
import { float32Tensor, Graph, runGraphOnce } from '../model/index.ts';
import { insertActivationQuantizer } from './activations.ts';
import { smallBatches, smallNetwork } from './network.fixture.ts';
import { quantize } from './quantize.ts';

for (const notation of ['int8@v16:u8', 'uint4@v16:u4', 'int4@v8', 'int8@tensor']) {
  for (const axis of [1, 3]) {
    test(`${notation} along axis ${axis}: ONNX Runtime gives the format room's values`, async () => {
      const random = new Random(2);
      const dims = [2, 20, 3, 7];
      const format = parseFormat(notation);
      const signed = notation[0] !== 'u';
      const data = Float32Array.from({ length: 840 }, () =>
        signed ? random.normal() : Math.abs(random.normal()),
      );
      data.fill(0, 0, 64); // vectors of zeros
      const graph = new Graph();
      graph.opsets.set('', 21);
      graph.inputs.push({ name: 'x', type: { type: 'float32', shape: [null, 20, null, null] } });
      const node = graph.addNode({ op: 'Identity', inputs: ['x'], outputs: ['y'] });
      graph.addOutput('y');
      const coarse = Math.fround(notation.includes(':') ? 0.0021 : 0.03);
      insertActivationQuantizer(graph, { value: 'x', axis, rank: 4, format, coarse, offset: 0 }, [node]);
      const { y } = await runGraphOnce(graph, { x: float32Tensor(dims, data) });
      const options = notation === 'int4@v8' ? {} : { coarse };
      const want = quantizeDequantize(data, { shape: dims, reductionAxis: axis }, format, options);
      const got = y!.data as Float32Array;
      for (let i = 0; i < want.length; i++) expect(got[i]! + 0).toBe(want[i]! + 0);
    });
  }
}

test('static scales clip as told, vectors do not; an unknown method is refused', async () => {
  // one pixel far outside
  const batches = smallBatches(4).map((feeds, i) => {
    const data = Float32Array.from(feeds['x']!.data as Float32Array);
    if (i === 0) data[5] = 1000;
    return { x: float32Tensor(feeds['x']!.dims, data) };
  });
  const coarse = async (activations: string, activationClip: string): Promise<number> => {
    const options = { weights: 'int8@channel', activations, activationClip, method: 'max' as const };
    const { model } = await quantize(smallNetwork(), options, batches);
    return model.activations.find(a => a.value === 'x')!.coarse;
  };
  const whole = await coarse('int8@tensor', 'max');
  expect(whole).toBeCloseTo(1000 / 127, 4);
  expect(await coarse('int8@tensor', 'percentile:99')).toBeLessThan(0.01 * whole);
  for (const method of ['entropy', 'mse', 'octav'])
    expect(await coarse('int8@tensor', method)).toBeLessThanOrEqual(whole);
  expect(await coarse('int8@v8:u8', 'octav')).toBe(await coarse('int8@v8:u8', 'max'));
  await expect(coarse('int8@tensor', 'octave')).rejects.toThrow("did you mean 'octav'");
});
