// Accuracy of the fp32 networks on the demo tasks, and the seconds that drawing and running take.
// Usage: node bench/demo.mjs [--task NAME] [--seed N] [--samples N] [--errors] [--picture FILE.png]
// Without --task, --seed and --samples the figures are kept in bench/results/demo.json.

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-node';
import { comparable, createTask, evaluate, taskNames } from '../dist/demo/index.js';
import { keep, machineLine, today } from './keep.mjs';

const { values: options } = parseArgs({
  options: {
    task: { type: 'string' },
    seed: { type: 'string' },
    samples: { type: 'string' },
    errors: { type: 'boolean' },
    picture: { type: 'string' },
  },
});
const seed = Number(options.seed ?? 1);
const rows = [];
for (const name of options.task === undefined ? taskNames : [options.task]) {
  let start = performance.now();
  const seconds = () => {
    const now = performance.now();
    const elapsed = (now - start) / 1000;
    start = now;
    return Number(elapsed.toFixed(2));
  };
  const task = createTask(name, { seed });
  const session = await ort.InferenceSession.create(task.model, {
    intraOpNumThreads: 2,
    logSeverityLevel: 3,
  });
  if (options.picture !== undefined) {
    const { url } = await task.thumbnail({ samples: 32 });
    writeFileSync(options.picture, Buffer.from(url.slice(url.indexOf(',') + 1), 'base64'));
  }
  const loading = seconds();
  for await (const batch of task.evaluation()) batch.labels.length;
  for await (const batch of task.calibration()) batch.labels.length;
  const drawing = seconds();
  const run = async batch => {
    const { dims, data } = batch.inputs[task.inputName];
    const results = await session.run({ [task.inputName]: new ort.Tensor('float32', data, dims) });
    return Object.fromEntries(
      Object.entries(results).map(([key, value]) => [key, { dims: value.dims, data: value.data }]),
    );
  };
  const s = await evaluate(
    task,
    run,
    options.samples === undefined ? {} : { samples: Number(options.samples) },
  );
  const running = seconds();
  const show = e => `${e.value.toFixed(2)} ± ${e.error.toFixed(2)} %`;
  const characters = s.characters === undefined ? '' : `  characters ${show(s.characters)}`;
  console.log(
    `${name}  seed ${seed}  ${s.samples} samples  ${task.metric} ${show(s.exact)}${characters}  ` +
      `load ${loading} s, draw ${drawing} s, run ${running} s`,
  );
  if (options.errors) {
    for (const a of s.answers)
      if (comparable(a.text) !== comparable(a.label))
        console.log(`  ${a.index}: ${a.label} -> ${JSON.stringify(a.text)}`);
  }
  rows.push({
    task: name,
    seed,
    samples: s.samples,
    metric: task.metric,
    exact: s.exact,
    characters: s.characters,
    loading,
    drawing,
    running,
  });
}
if (options.task === undefined && options.seed === undefined && options.samples === undefined) {
  const machine = machineLine(`onnxruntime-node ${ort.env.versions.node}`);
  keep('demo', { machine, date: today(), rows });
}
