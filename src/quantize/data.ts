// Calibration or evaluation batches from a folder: each .npz holds the model's inputs by name, each .npy the only input.
// Files come in order of their names. Refuses arrays that do not fit the model's inputs.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../core/errors.ts';
import { checkFeed, type Feeds, type Graph, makeTensor, type Tensor, toFloat32 } from '../model/index.ts';
import { readNpy, readNpz } from './npy.ts';

/** @param limit most files read. @throws InputError naming file and what was expected */
export function readDataFolder(folder: string, graph: Graph, limit = 256): Feeds[] {
  let names: string[];
  try {
    names = readdirSync(folder)
      .filter(n => n.endsWith('.npy') || n.endsWith('.npz'))
      .sort();
  } catch (error) {
    throw new InputError(`cannot read folder (${(error as NodeJS.ErrnoException).code ?? 'error'})`, {
      file: folder,
    });
  }
  if (names.length === 0)
    throw new InputError('holds no data', { file: folder, expected: '.npy or .npz files' });
  const inputs = graph.inputs.filter(x => graph.constant(x.name) === undefined);
  return names.slice(0, limit).map(name => {
    const path = join(folder, name);
    const bytes = readFileSync(path);
    let feeds: Record<string, Tensor>;
    if (name.endsWith('.npz')) feeds = readNpz(bytes, path);
    else if (inputs.length === 1) feeds = { [inputs[0]!.name]: readNpy(bytes, path) };
    else
      throw new InputError('a .npy file cannot feed several inputs', {
        file: path,
        expected: 'a .npz archive',
      });
    const out: Record<string, Tensor> = {};
    for (const input of inputs) {
      let tensor = feeds[input.name];
      if (tensor === undefined) {
        throw new InputError(`holds no array '${input.name}'`, {
          file: path,
          expected: inputs.map(x => x.name).join(', '),
        });
      }
      if (input.type?.type === 'float32' && tensor.type !== 'float32') {
        tensor = makeTensor('float32', tensor.dims, toFloat32(tensor));
      }
      checkFeed(input.name, tensor, input.type?.type, input.type?.shape, path);
      out[input.name] = tensor;
    }
    return out;
  });
}
