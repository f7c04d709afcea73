// Runs a task's network straight in ONNX Runtime, for tests of the demo room.

import * as ort from 'onnxruntime-node';
import type { Batch, Outputs, Task } from './task.ts';

export async function networkOf(task: Task): Promise<(batch: Batch) => Promise<Outputs>> {
  const session = await ort.InferenceSession.create(task.model, { logSeverityLevel: 3 });
  return async batch => {
    const { dims, data } = batch.inputs[task.inputName]!;
    const out = await session.run({ [task.inputName]: new ort.Tensor('float32', data, dims) });
    const y = out[task.outputName]!;
    return { [task.outputName]: { dims: y.dims, data: y.data } };
  };
}

export async function collect(batches: AsyncIterable<Batch>): Promise<Batch[]> {
  const out: Batch[] = [];
  for await (const batch of batches) out.push(batch);
  return out;
}
