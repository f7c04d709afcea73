// Public face of the model checking engines.

export * from './types.ts';
