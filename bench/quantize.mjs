// Accuracy, effective bits, seconds and memory of quantization: the rows of docs/quantize.md.
// Usage: node bench/quantize.mjs [--part NAME]   parts: schemes, direction, fashion, mixed, clips, memory; default all
// Each part runs in processes of its own, so that peak memory is the part's. Kept in bench/results/quantize.json.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { allocatorVariables } from '../dist/cli/allocator.js';
import { keepPart, machineLine, today, versionOf } from './keep.mjs';

const { values: flags } = parseArgs({
  options: { part: { type: 'string' }, calibrate: { type: 'string' } },
});
const here = dirname(fileURLToPath(import.meta.url));
const cli = join(here, '../dist/cli/main.js');
const work = mkdtempSync(join(tmpdir(), 'bitwright-bench-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

if (flags.calibrate !== undefined) {
  const [task, times, limit] = flags.calibrate.split(',');
  await calibrate(task, Number(times), Number(limit));
  process.exit(0);
}

/**
 * Quantizes a task's network on its calibration set, gone through so many times over as one stream, and prints seconds and peak
 * memory. The same samples again and again, so that neither their widths nor the program that draws them count.
 */
async function calibrate(name, times, limitMiB) {
  const { createTask } = await import('../dist/demo/index.js');
  const { readModelFile } = await import('../dist/model/index.js');
  const { parseScheme, prepareGraph, quantize } = await import('../dist/quantize/index.js');
  const task = createTask(name);
  const { graph } = await prepareGraph(readModelFile(task.model));
  async function* feeds() {
    for (let k = 0; k < times; k++) for await (const batch of task.calibration()) yield batch.inputs;
  }
  const { statistics } = await quantize(graph, parseScheme('int4@v16:u4'), feeds(), {
    threads: 2,
    maxBytes: limitMiB * 2 ** 20,
  });
  const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
  const seconds = Number(statistics.seconds.toFixed(1));
  console.log(
    JSON.stringify({ task: name, samples: task.calibrationSize * times, limitMiB, seconds, peakMiB }),
  );
}

/** A command's result object, with its seconds and, where the shell tells, its peak memory. */
function bitwright(...args) {
  const start = performance.now();
  const out = join(work, String(Math.random()).slice(2));
  const timer = existsSync('/usr/bin/time') ? ['/usr/bin/time', '-f', 'peak %M'] : [];
  const argv = [...timer, process.execPath, cli, ...args, '--json', '--out', out];
  const child = spawnSync(argv[0], argv.slice(1), { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (child.status !== 0) throw new Error(child.stderr);
  const peak = /peak (\d+)/.exec(child.stderr)?.[1];
  return {
    ...{ command: `bitwright ${args.join(' ')}`, result: JSON.parse(child.stdout) },
    seconds: Number(((performance.now() - start) / 1000).toFixed(1)),
    peakMiB: peak === undefined ? null : Math.round(Number(peak) / 1024),
  };
}

const round = x => (typeof x === 'number' ? Number(x.toFixed(3)) : x);
const rowsOf = rows =>
  rows.map(r => ({
    ...{ scheme: r.scheme, metric: r.metric, value: round(r.value), error: round(r.linesError) },
    ...{ characters: round(r.characters), effectiveBits: round(r.effectiveBits) },
    seconds: r.quantizeSeconds === undefined ? undefined : round(r.quantizeSeconds + r.evaluateSeconds),
  }));

function demo(...args) {
  const { result, ...rest } = bitwright('demo', ...args);
  for (const r of result.rows)
    console.log(`${r.scheme.padEnd(24)} ${r.value.toFixed(2)} %  ${r.effectiveBits.toFixed(2)} bits`);
  console.log(rest);
  return { ...rest, rows: rowsOf(result.rows) };
}

const parts = {
  schemes: () => demo(),
  direction: () => demo('--task', 'direction'),
  fashion: () => demo('--task', 'fashion'),
  mixed: () =>
    ['recogniser', 'fashion'].flatMap(task =>
      [
        ['--budget', '4.5'],
        ['--max-drop', '1.0'],
      ].map(option => {
        const { result, ...rest } = bitwright('quantize', '--task', task, ...option);
        const [row] = rowsOf(result.rows);
        const row2 = { ...row, agreement: round(result.agreement.top1), tried: result.tried };
        console.log(rest.command, row2, rest.seconds);
        return { ...rest, ...row2 };
      }),
    ),
  clips: () =>
    [
      ['recogniser', 'int4@v16:u4+int8@tensor'],
      ['fashion', 'int4@v16:u4+int4@tensor'],
    ].flatMap(([task, scheme]) =>
      ['max', 'percentile:99.99', 'entropy', 'mse', 'octav'].map(clip => {
        const { result, ...rest } = bitwright(
          ...['quantize', '--task', task, '--scheme', scheme, '--activation-clip', clip],
        );
        const [row] = rowsOf(result.rows);
        console.log(task, clip, row.value, row.error);
        return { ...rest, ...row, sqnr: round(result.agreement.sqnr) };
      }),
    ),
  memory: () =>
    ['fashion,32,32', 'fashion,64,32', 'recogniser,1,32', 'recogniser,4,32', 'recogniser,8,32'].map(set => {
      // the allocator's variables as the commands set them for themselves
      const env = { ...process.env, ...allocatorVariables };
      const self = fileURLToPath(import.meta.url);
      const child = spawnSync(process.execPath, [self, '--calibrate', set], { env });
      const row = JSON.parse(child.stdout.toString());
      console.log(row);
      return row;
    }),
};

const runtime = `onnxruntime-node ${versionOf('onnxruntime-node')}`;
for (const name of flags.part === undefined ? Object.keys(parts) : [flags.part]) {
  console.log(`-- ${name}`);
  const load = round(loadavg()[0]);
  const part = { date: today(), loadBefore: load, figures: parts[name]() };
  keepPart('quantize', () => ({ machine: machineLine(runtime), [name]: part }));
}
