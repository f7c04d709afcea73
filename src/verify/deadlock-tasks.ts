// Deadlock with a bound on silence and without: one answer may settle the other.
// Refuses to call slow what is dead, and dead what is slow: a silent run is continued until it moves or repeats.

import { type Asking, silenceText } from './asking.ts';
import { checkBads, checkJustice } from './check.ts';
import { nameOf, type Task } from './plan.ts';
import { assumptionsOf } from './properties/assumptions.ts';
import { type DeadlockProduct, deadlockProduct } from './properties/deadlock.ts';
import { replayLasso } from './replay.ts';
import type { PropertyResult } from './results.ts';
import { continueSilence, measureSilence } from './silence.ts';

export class DeadlockTasks {
  private readonly asking: Asking;
  /** Bounded answers, by port ('' for the design): they settle liveness too. */
  private readonly known = new Map<string, PropertyResult & { lasso?: PropertyResult['trace'] }>();

  constructor(asking: Asking) {
    this.asking = asking;
  }

  async bounded(task: Task, start: number): Promise<PropertyResult> {
    const { asking } = this;
    const { design, found, options } = asking;
    const port = task.channel;
    const build = (bound: number): DeadlockProduct => deadlockProduct(design, found, { bound, port });
    let bound = options.bound ?? Math.max(4, 2 * measureSilence(build(1), asking.seed).longest + 2);
    for (let attempt = 0; ; attempt++) {
      const product = build(bound);
      const answer = await checkBads(product, asking.engines, asking.limits(task, start));
      const result: PropertyResult & { lasso?: PropertyResult['trace'] } = asking.resultOf(
        task,
        product,
        answer,
        {
          bound,
          assumptions: ['from `go` on every input offers and every output is taken'],
        },
      );
      if (answer.verdict === 'refuted' && answer.trace !== undefined) {
        const next = continueSilence(product, answer.trace);
        if (next.kind === 'slow' && options.bound === undefined && attempt < 6) {
          bound = 2 * (bound + next.cycles);
          continue;
        }
        if (next.kind === 'slow') {
          result.reason = `slow, not dead: something moves after ${bound + next.cycles} cycles`;
        }
        if (next.kind === 'dead') {
          const live = deadlockProduct(design, found, { bound, port });
          const endless = { ...live, justice: [live.go], fairness: [], constraints: [] };
          const summary = `${silenceText(port)}: from cycle ${next.trace.loopStart} on the run repeats`;
          result.lasso = replayLasso(
            endless,
            next.trace,
            design.name,
            nameOf({ kind: 'P2-live', channel: port }),
            summary,
          );
          result.reason = 'dead: the state repeats';
          const kept = await asking.rescue(f => deadlockProduct(design, f, { bound, port }));
          if (kept !== null) result.reason += `; ${kept}`;
        }
      }
      await asking.addCovers(result, product, start);
      this.known.set(port ?? '', result);
      const { lasso: _, ...plain } = result;
      return plain;
    }
  }

  async live(task: Task, start: number): Promise<PropertyResult> {
    const { asking } = this;
    const { design, found } = asking;
    const assumptions = [
      'every input offers and every output is taken again and again; offers stay until taken',
    ];
    const known = this.known.get(task.channel ?? '');
    if (known !== undefined && task.channel === undefined) {
      const { lasso, ...base } = known;
      const common = {
        ...base,
        property: nameOf(task),
        kind: task.kind,
        bound: null,
        certificate: undefined,
      };
      if (known.verdict === 'proved') {
        return {
          ...common,
          method: `P2 with N = ${known.bound}`,
          assumptions: [...assumptionsOf(asking.found), ...assumptions],
        };
      }
      if (lasso !== undefined) {
        return {
          ...common,
          method: `${known.method}, lasso`,
          traceLength: lasso.steps.length,
          trace: lasso,
          failure: silenceText(task.channel),
          assumptions: [...assumptionsOf(asking.found), ...assumptions],
        };
      }
    }
    const product = deadlockProduct(design, found, { port: task.channel });
    const answer = await checkJustice(product, asking.engines, asking.limits(task, start));
    const result = asking.resultOf(task, product, answer, { assumptions });
    await asking.addCovers(result, product, start);
    return result;
  }
}
