// Public face of the data streams: folders of arrays or pictures as batches that fit a model.

export { type DataBatch, type DataOptions, type DataSource, openData } from './folder.ts';
export type { Label } from './labels.ts';
export { readNpy } from './npy.ts';
export { readNpz } from './npz.ts';
export { checkPreprocessing, type Preprocessing, preprocess, readPreprocessing } from './preprocess.ts';
export { resample } from './resample.ts';
