import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { AbortedError, InputError } from '../core/errors.ts';
import { largestDifference, networks, noise } from './networks.fixture.ts';
import { readModelFile } from './read.ts';
import { runGraphOnce, Session } from './session.ts';
import { serializeModel } from './write.ts';

describe.each(Object.entries(networks))('%s', (_, { path, dims }) => {
  test('reads and writes back to the same outputs', async () => {
    const graph = readModelFile(path);
    const x = noise(dims, 3);
    const before = await runGraphOnce(readFileSync(path), { x });
    const after = await runGraphOnce(serializeModel(graph), { x });
    expect(Object.keys(after)).toEqual(Object.keys(before));
    for (const name of Object.keys(after)) expect(largestDifference(before[name]!, after[name]!)).toBe(0);
  });
});

describe('session', () => {
  const { path, dims } = networks.classifier;
  const graph = readModelFile(path);
  const session = Session.create(graph, { extraOutputs: [graph.order()[3]!.outputs[0]!] });
  afterAll(async () => (await session).close());

  test('fetches a value inside the graph', async () => {
    const s = await session;
    const inner = graph.order()[3]!.outputs[0]!;
    const results = await s.run({ x: noise(dims, 1) }, { fetches: [inner] });
    expect(Object.keys(results)).toEqual([inner]);
    expect(results[inner]!.dims.length).toBe(4);
  });

  test('feeds are copied by default and moved on request', async () => {
    const s = await session;
    const x = noise(dims, 1);
    await s.run({ x });
    expect(x.data.length).toBeGreaterThan(0);
    await s.run({ x }, { transfer: true });
    expect(x.data.length).toBe(0);
  });

  test('refuses feeds that do not fit, naming the input', async () => {
    const s = await session;
    await expect(s.run({})).rejects.toThrow(/input 'x' is not fed/);
    await expect(s.run({ x: noise([1, 4, 48, 192], 1) })).rejects.toThrow(
      /input 'x' got float32\[1,4,48,192\]/,
    );
    await expect(s.run({ y: noise(dims, 1) })).rejects.toThrow(InputError);
  });

  test('queued runs are rejected at once on abort and the thread leaves', async () => {
    const controller = new AbortController();
    const s = await Session.create(graph, { signal: controller.signal });
    const runs = [1, 2, 3].map(() => s.run({ x: noise([8, 3, 48, 192], 1) }));
    controller.abort();
    for (const run of runs) await expect(run).rejects.toThrow(AbortedError);
    await s.close();
    await expect(s.run({ x: noise(dims, 1) })).rejects.toThrow(AbortedError);
  });

  test('a model the runtime refuses is an input error', async () => {
    const bad = graph.clone();
    const node = bad.order()[0]!;
    bad.replaceNode(node, { op: 'NoSuchOperator' });
    await expect(Session.create(bad)).rejects.toThrow(/ONNX Runtime refuses the model/);
  });
});
