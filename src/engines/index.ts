// Public face of the model checking engines.

export { type CertificateVerdict, checkCertificate } from './check-certificate.ts';
export { type Engines, engines } from './engines.ts';
export { checkLiveness } from './liveness.ts';
export { firstFailure, type Replay, replay } from './replay.ts';
export { checkCover, checkSafety } from './safety.ts';
export * from './types.ts';
