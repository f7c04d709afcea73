// Compositional proofs: a top that only connects modules is proved module by module.

export { type ComposedResult, verifyComposed } from './compose.ts';
export { contractOf } from './contract.ts';
export { readHierarchy } from './hierarchy.ts';
