// Proves a top that only connects stream modules: each kind of module once, then the network from the promises alone.
// P1, P5: valid, ready and words agree on both sides of every cut because it is the same wires. P2: by induction from the
// outputs on (docs/verify-examples.md). Refuses loops and tops with logic: those are proved whole or not at all.

import type { Engines } from '../../engines/index.ts';
import type { Verdict } from '../../engines/types.ts';
import type { RtlSource } from '../../synthesis/rtl.ts';
import { guessInterface } from '../front/guess.ts';
import { readDesign } from '../front/read.ts';
import { settleReset } from '../front/reset.ts';
import { bindStream, checkIntegrity, type IntegrityResult } from '../integrity/index.ts';
import type { Interface } from '../interface.ts';
import type { PropertyResult } from '../results.ts';
import { verifyDesign } from '../run.ts';
import { type Contract, contractOf } from './contract.ts';
import { readHierarchy } from './hierarchy.ts';
import { connect } from './network.ts';

export interface ComposeOptions {
  /** Wall clock of each module and property; default 60. */
  timeoutSeconds?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface ComposedModule {
  name: string;
  parameters: Record<string, string>;
  instances: string[];
  stateBits: number;
  invalidData: PropertyResult;
  /** Absent: not a stream module. */
  integrity?: IntegrityResult | undefined;
  contract?: Contract | undefined;
  /** Why it is not a stream module. */
  reason?: string | undefined;
}

export interface ComposedAnswer {
  verdict: Exclude<Verdict, 'refuted'>;
  reason?: string | undefined;
}

export interface ComposedResult {
  modules: ComposedModule[];
  instances: number;
  /** Bits of state of all instances. */
  stateBits: number;
  /** Words the whole network can hold. */
  capacity: number;
  P1: ComposedAnswer;
  P2: ComposedAnswer;
  P5: ComposedAnswer;
  seconds: number;
}

/**
 * Cuts the top at its channels. Never refutes: a promise a module breaks alone may hold in the network.
 * @returns the result, or why the top cannot be cut
 * @throws InputError for what cannot be read; AbortedError
 */
export async function verifyComposed(
  source: RtlSource,
  engines: Engines,
  options: ComposeOptions = {},
): Promise<ComposedResult | string> {
  const begin = performance.now();
  const { timeoutSeconds = 60, signal } = options;
  const hierarchy = await readHierarchy(source, { timeoutSeconds, signal });
  if (hierarchy.instances.length === 0) return 'no instances';
  const kinds = new Map<string, { found: Interface; module: ComposedModule }>();
  for (const { module, name } of hierarchy.instances) {
    const known = kinds.get(module.key);
    if (known !== undefined) {
      known.module.instances.push(name);
      continue;
    }
    const read = await readDesign(
      { ...source, top: module.name, parameters: module.parameters },
      { timeoutSeconds, signal },
    );
    const found = guessInterface(read.design, read.clocks, read.portOrder);
    if (found.channels.length === 0) return `module '${module.name}' has no channels`;
    const design = settleReset(read.design, found.resets);
    // nothing is assumed of the neighbours: offers may be withdrawn whatever the convention says
    const free = { ...found, channels: found.channels.map(c => ({ ...c, persistent: false })) };
    const [invalidData] = await verifyDesign(design, free, engines, {
      properties: ['P1'],
      timeoutSeconds,
      signal,
    });
    const entry: ComposedModule = {
      name: module.name,
      parameters: module.parameters,
      instances: [name],
      stateBits: design.aig.latchCount,
      invalidData: invalidData!,
    };
    const stream = bindStream(design, found);
    if (typeof stream === 'string') entry.reason = stream;
    else {
      entry.integrity = checkIntegrity(stream, { timeoutSeconds, signal, edges: true });
      entry.contract = contractOf(entry.integrity.exploration, stream.inputs.length);
    }
    kinds.set(module.key, { found, module: entry });
  }
  const top = await readDesign(source, { timeoutSeconds, signal });
  const outside = guessInterface(top.design, top.clocks, top.portOrder);
  const network = connect(
    hierarchy,
    outside,
    hierarchy.instances.map(i => kinds.get(i.module.key)!.found),
  );
  if (typeof network === 'string') return network;
  const modules = [...kinds.values()].map(k => k.module);
  const broken = (test: (module: ComposedModule) => string | undefined): ComposedAnswer => {
    for (const module of modules) {
      const reason = test(module);
      if (reason !== undefined) {
        return { verdict: 'unknown', reason: `module '${module.name}' (${module.instances[0]}): ${reason}` };
      }
    }
    return { verdict: 'proved' };
  };
  const loop: ComposedAnswer | undefined =
    network.order === undefined
      ? { verdict: 'unknown', reason: `words can go round: ${network.loop.slice(0, 6).join(', ')}` }
      : undefined;
  const each = (module: ComposedModule): number => module.instances.length;
  return {
    modules,
    instances: hierarchy.instances.length,
    stateBits: modules.reduce((sum, m) => sum + m.stateBits * each(m), 0),
    capacity: modules.reduce((sum, m) => sum + (m.contract?.capacity ?? 0) * each(m), 0),
    P1: broken(m => (m.invalidData.verdict === 'proved' ? undefined : `P1 ${m.invalidData.verdict}`)),
    P2: loop ?? broken(deadlockReason),
    P5:
      loop ??
      broken(m =>
        m.integrity === undefined
          ? m.reason
          : m.integrity.verdict === 'proved'
            ? undefined
            : `P5 ${m.integrity.verdict}: ${m.integrity.summary ?? m.integrity.reason}`,
      ),
    seconds: (performance.now() - begin) / 1000,
  };
}

function deadlockReason(module: ComposedModule): string | undefined {
  const { contract, integrity } = module;
  if (contract === undefined) return module.reason;
  if (integrity?.exploration.outcome !== 'closed') return `P5 ${integrity?.verdict}`;
  if (!contract.kept) return 'valid is withdrawn before the transfer';
  if (!contract.gives) return 'a word can stay inside for ever';
  if (!contract.takes) return 'an empty module can refuse a word for ever';
  return undefined;
}
