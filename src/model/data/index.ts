// Public face of the data streams: folders of arrays or pictures as batches that fit a model.

export { type DataBatch, type DataOptions, type DataSource, openData } from './folder.ts';
export { imageSize, readImage } from './image.ts';
export type { Label } from './labels.ts';
export { NpyFile, type NpyHeader, readNpy, readNpyHeader } from './npy.ts';
export { readNpz } from './npz.ts';
export { checkPreprocessing, type Preprocessing, preprocess, readPreprocessing } from './preprocess.ts';
export { type Filter, type Raster, resample } from './resample.ts';
