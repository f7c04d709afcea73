// Worker of FormatPool: encodes or decodes one slice along the first axis, reading and writing shared memory.

import { parentPort } from 'node:worker_threads';
import type { Quantized } from './codec.ts';
import { decode, encode } from './fast.ts';
import type { EncodeOptions } from './scales.ts';

/** One slice; arrays are views of shared memory. */
export type SliceJob =
  | { kind: 'encode'; data: Float32Array; options: EncodeOptions; into: Quantized }
  | { kind: 'decode'; from: Quantized; into: Float32Array };

parentPort?.on('message', (job: SliceJob) => {
  try {
    if (job.kind === 'encode') {
      const { into } = job;
      const q = encode(job.data, into.layout, into.format, job.options);
      into.codes.set(q.codes);
      into.scales.set(q.scales);
      if (q.scaleCodes !== undefined) into.scaleCodes?.set(q.scaleCodes);
    } else job.into.set(decode(job.from));
    parentPort!.postMessage(true);
  } catch {
    // the caller encodes again on its own thread, where the error names the whole tensor's index
    parentPort!.postMessage(false);
  }
});
