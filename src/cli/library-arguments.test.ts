// What is handed to the library's entry functions by mistake ends in one line that says what they take.

import { expect, test } from 'vitest';
import { UsageError } from '../core/errors.ts';
import { createTask } from '../demo/index.ts';
import { checkLiveness, checkSafety } from '../engines/index.ts';
import {
  inspectModel,
  quantizable,
  readModel,
  readModelFile,
  serializeModel,
  writeModelFile,
} from '../model/index.ts';
import {
  equivalent,
  generateAdder,
  generateMultiplier,
  proveEqual,
  readAiger,
  Simulator,
  strash,
  sweep,
  writeNetlist,
} from '../netlist/index.ts';
import {
  compareOutputs,
  exportModel,
  parseScheme,
  prepareGraph,
  quantize,
  quantizeMixed,
  sensitivity,
  taskBatches,
} from '../quantize/index.ts';
import { checkMultiplier, detectAdders, findAdders, predict } from '../reason/index.ts';
import { renderConsole, renderHtml, writeReport } from '../report/index.ts';
import { loadDesign, verifyDesign } from '../verify/index.ts';

type Entry = (...values: never[]) => unknown;

const netlists: Record<string, Entry> = {
  checkMultiplier,
  findAdders,
  detectAdders,
  predict,
  strash,
  sweep,
  proveEqual,
  equivalent,
  readAiger: x => readAiger((x ?? 5) as never),
  Simulator: x => new Simulator(x),
  writeNetlist: x => writeNetlist(x, 'never.aig'),
  checkSafety,
  checkLiveness,
};
const models: Record<string, Entry> = {
  inspectModel,
  quantizable,
  serializeModel,
  writeModelFile: x => writeModelFile(x, 'never.onnx'),
  readModel,
  prepareGraph,
  quantize: x => quantize(x, { weights: 'int4' }, []),
  quantizeMixed: x => quantizeMixed(x, { weights: 'int4' }, { budget: 4 }, []),
  compareOutputs: x => compareOutputs(x, x, []),
  sensitivity: x => sensitivity(x, [], []),
  exportModel: x => exportModel(x),
};
const others: Record<string, Entry> = {
  readModelFile: () => readModelFile(undefined as never),
  parseScheme: () => parseScheme(undefined as never),
  taskBatches,
  createTask: () => createTask(undefined as never),
  generateMultiplier: () => generateMultiplier(undefined as never),
  generateAdder: () => generateAdder(undefined as never),
  renderHtml,
  renderConsole,
  writeReport: x => writeReport(x, '.'),
  loadDesign: () => loadDesign([undefined] as never),
  'loadDesign of nothing': () => loadDesign(undefined as never),
  verifyDesign,
};

test.each(Object.entries({ ...netlists, ...models, ...others }))('%s', async (_, entry) => {
  for (const value of [undefined, null, 'file.aig', 7]) {
    const error = await new Promise(resolve => {
      resolve(entry(value as never));
    }).then(
      () => undefined,
      (e: unknown) => e,
    );
    if (value === 'file.aig' && entry === netlists['readAiger']) continue;
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toMatch(/^[^\n]+ (is|are|got) [^\n]*; expected [^\n]+$/);
  }
});

test('one file of RTL may be given as it is', async () => {
  await expect(loadDesign('no-such-file.sv')).rejects.toThrow('no-such-file.sv: cannot read (ENOENT)');
});
