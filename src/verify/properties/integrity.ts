// P5 of a design: each output against all inputs. A design with several outputs is taken for a fork, every output of
// which gets every word. Refuses to call a design with several outputs wrong: it may be a router.

import type { Engines } from '../../engines/index.ts';
import type { Design } from '../design.ts';
import { bindStream, integrityTable, type ProvenIntegrity, proveIntegrity } from '../integrity/index.ts';
import type { Interface } from '../interface.ts';
import type { PropertyResult } from '../results.ts';
import { assumptionsOf } from './assumptions.ts';

export interface IntegrityOptions {
  timeoutSeconds: number;
  signal?: AbortSignal | undefined;
}

export async function integrityResult(
  design: Design,
  found: Interface,
  engines: Engines,
  options: IntegrityOptions,
): Promise<PropertyResult> {
  const { inputCount, latchCount, andCount } = design.aig;
  const base = {
    property: 'P5',
    kind: 'P5' as const,
    channel: null,
    bound: null,
    covers: [],
    seconds: 0,
    assumptions: assumptionsOf(found),
    size: { inputs: inputCount, latches: latchCount, ands: andCount },
    failure: null,
    traceLength: null,
    vacuous: false,
  };
  const unknown = (reason: string): PropertyResult => ({
    ...base,
    verdict: 'unknown',
    method: 'none',
    depth: 0,
    reason,
  });
  const outputs = found.channels.filter(c => c.direction === 'out');
  const several = outputs.length > 1;
  const begin = performance.now();
  const answers: ProvenIntegrity[] = [];
  for (const output of several ? outputs : [undefined]) {
    const stream = bindStream(design, found, output?.name);
    if (typeof stream === 'string') return unknown(`not a block that passes words on: ${stream}`);
    const left = options.timeoutSeconds - (performance.now() - begin) / 1000;
    const answer = await proveIntegrity(stream, engines, {
      ...options,
      timeoutSeconds: Math.max(0.1, left / (several ? outputs.length - answers.length : 1)),
    });
    if (several && answer.verdict !== 'proved') {
      const why = answer.summary ?? answer.reason ?? 'unknown';
      return unknown(
        `'${output!.name}' does not get every word, or not in order: ${why} (a router, perhaps)`,
      );
    }
    answers.push(answer);
  }
  const [first] = answers;
  const answer = first!;
  const states = answers.reduce((sum, a) => sum + a.states, 0);
  const { trace, summary } = answer;
  return {
    ...base,
    verdict: answer.verdict,
    method:
      answer.method === 'data-independence' ? `data independence, ${states} control states` : answer.method,
    depth: Math.max(...answers.map(a => a.depth)),
    traceLength: trace?.steps.length ?? null,
    vacuous: answers.some(a => a.vacuous),
    reason: several ? `each of ${outputs.length} outputs gets every word` : (answer.reason ?? null),
    failure: answer.verdict === 'refuted' ? (summary ?? null) : null,
    trace:
      trace === undefined
        ? undefined
        : integrityTable(design, found, trace, summary ?? 'a wrong word leaves'),
  };
}
