// The graph neural network part of the reason room for library users.

export { type Architecture, architecture, type Head, heads } from './architecture.ts';
export { circuitSets, type TrainingCircuit, trainingCircuits } from './circuits.ts';
export { type CircuitLabels, circuitLabels, type OriginMatch, originMatch } from './labels.ts';
export { score, type TaskScore } from './metrics.ts';
export { loadModel, type Model, parseModel, saveModel } from './model.ts';
export { type Prediction, type PredictOptions, predict, sumScorer } from './predict.ts';
export { type TrainOptions, type TrainResult, trainModel } from './train.ts';
