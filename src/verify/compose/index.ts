// Compositional proofs: a top that only connects modules is proved module by module.

export { type ComposedModule, type ComposedResult, type ComposeOptions, verifyComposed } from './compose.ts';
export { type Contract, contractOf } from './contract.ts';
export { type Hierarchy, hierarchyOf, type Instance, readHierarchy } from './hierarchy.ts';
export { connect, type Network } from './network.ts';
