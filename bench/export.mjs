// Exported models in ONNX Runtime: size, load time, run time against fp32, and accuracy, with and without its QDQ handling.
// Usage: node bench/export.mjs [--task NAME] [--samples N] [--scheme S]...   Without options the figures are kept in bench/results/export.json.

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createTask, score as scoreAnswers } from '../dist/demo/index.js';
import { readModelFile, Session, serializeModel } from '../dist/model/index.js';
import {
  calibrationFeeds,
  exportModel,
  parseScheme,
  prepareGraph,
  quantize,
} from '../dist/quantize/index.js';
import { keep, machineLine, today, versionOf } from './keep.mjs';

const { values: options } = parseArgs({
  options: {
    task: { type: 'string', default: 'recogniser' },
    samples: { type: 'string', default: '96' },
    scheme: { type: 'string', multiple: true },
  },
});
// A scheme, and the export format after '#'.
const schemes = options.scheme ?? [
  'int4@v16:u4',
  'int4@v32',
  'int4@v32#matmulnbits',
  '4/8/4/8',
  'int8@channel+int8@tensor',
];
const task = createTask(options.task, { seed: 1 });
const samples = Number(options.samples);
const { graph } = await prepareGraph(readModelFile(task.model));
const feeds = await calibrationFeeds(task);
const folder = mkdtempSync(join(tmpdir(), 'bitwright-export-'));
const threads = 1;

async function score(model, config) {
  let start = performance.now();
  const session = await Session.create(model, { threads, config });
  const load = performance.now() - start;
  const answers = [];
  const times = [];
  for await (const batch of task.evaluation({ samples })) {
    start = performance.now();
    const results = await session.run(batch.inputs);
    times.push((performance.now() - start) / batch.labels.length);
    task.decode(results, batch).forEach((text, i) => {
      answers.push({ index: batch.indices[i], label: batch.labels[i], text });
    });
  }
  await session.close();
  const sorted = [...times].sort((a, b) => a - b);
  return {
    loadMs: Math.round(load),
    runMs: Number(sorted[Math.floor(sorted.length / 2)].toFixed(2)),
    exact: Number(scoreAnswers(task.metric, answers, 0).exact.value.toFixed(2)),
  };
}

const rows = [];
const show = row => {
  rows.push(row);
  console.log(
    `${row.model.padEnd(32)} ${row.setting.padEnd(20)} ${String(row.bytes).padStart(9)} bytes  load ${String(row.loadMs).padStart(5)} ms  run ${row.runMs.toFixed(2).padStart(7)} ms/sample  ${row.exact.toFixed(2)} % exact`,
  );
};
const settings = { default: {}, 'disable_quant_qdq=1': { disable_quant_qdq: '1' } };
show({ model: 'fp32', setting: 'default', bytes: serializeModel(graph).length, ...(await score(graph, {})) });
for (const text of schemes) {
  const [scheme, format] = text.split('#');
  const { model } = await quantize(graph, parseScheme(scheme), feeds, { threads: 2 });
  const path = join(folder, 'model.onnx');
  const { statistics } = await exportModel(model, { path, format, samples: feeds.slice(0, 1) });
  const bytes = statSync(path).size;
  show({
    model: `${scheme} evaluation graph`,
    setting: 'default',
    bytes: serializeModel(model.graph).length,
    ...(await score(model.graph, {})),
  });
  for (const [setting, config] of Object.entries(settings)) {
    show({
      model: text,
      setting,
      bytes,
      outputs: statistics.compared.outputs,
      ...(await score(readModelFile(path), config)),
    });
  }
}
rmSync(folder, { recursive: true });
if (process.argv.length === 2) {
  const machine = machineLine(`onnxruntime-node ${versionOf('onnxruntime-node')}`, `${threads} thread`);
  keep('export', { machine, date: today(), task: task.name, samples, rows });
}
