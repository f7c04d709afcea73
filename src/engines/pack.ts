// Graphs, certificates and outcomes as plain data for worker messages, and back.
// Refuses to copy more than a message does.

import { Aig, type AigParts } from '../netlist/aig.ts';
import type { EngineOutcome } from './run-engine.ts';
import type { Certificate } from './types.ts';

/** A graph's arrays; names too, for words of latches are found by them. */
export function packAig(aig: Aig): AigParts {
  return {
    inputCount: aig.inputCount,
    fanin0: aig.fanin0.slice(),
    fanin1: aig.fanin1.slice(),
    outputs: aig.outputs.slice(),
    latchNext: aig.latchNext.slice(),
    latchInit: aig.latchInit.slice(),
    bads: aig.bads.slice(),
    constraints: aig.constraints.slice(),
    justice: aig.justice.map(list => list.slice()),
    fairness: aig.fairness.slice(),
    names: { latches: aig.names.latches, inputs: aig.names.inputs },
    comment: aig.comment,
  };
}

type PackedCertificate = Omit<Certificate, 'invariant' | 'of'> & {
  invariant: AigParts;
  of?: { aig: AigParts; bad: number } | undefined;
};

export type PackedOutcome = Omit<EngineOutcome, 'certificate'> & {
  certificate?: PackedCertificate | undefined;
};

export function packOutcome(outcome: EngineOutcome): PackedOutcome {
  const { certificate } = outcome;
  if (certificate === undefined) return { ...outcome, certificate: undefined };
  const { of } = certificate;
  return {
    ...outcome,
    certificate: {
      ...certificate,
      invariant: packAig(certificate.invariant),
      of: of === undefined ? undefined : { aig: packAig(of.aig), bad: of.bad },
    },
  };
}

export function unpackOutcome(packed: PackedOutcome): EngineOutcome {
  const { certificate } = packed;
  if (certificate === undefined) return { ...packed, certificate: undefined };
  const { of } = certificate;
  return {
    ...packed,
    certificate: {
      ...certificate,
      invariant: new Aig(certificate.invariant),
      of: of === undefined ? undefined : { aig: new Aig(of.aig), bad: of.bad },
    },
  };
}
