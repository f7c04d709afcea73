// Runs properties of one design, each by the product that asks it.
// Refuses designs without channels, and properties that none of the channels can have.

import { requireObject } from '../core/arguments.ts';
import { AbortedError, InputError } from '../core/errors.ts';
import type { Engines } from '../engines/index.ts';
import { Asking } from './asking.ts';
import { DeadlockTasks } from './deadlock-tasks.ts';
import type { Design } from './design.ts';
import type { Interface } from './interface.ts';
import { plan, type Task, unasked, type VerifyOptions } from './plan.ts';
import type { Product } from './product/product.ts';
import { integrityResult } from './properties/integrity.ts';
import { invalidDataProduct } from './properties/invalid-data.ts';
import { protocolProduct } from './properties/protocol.ts';
import { stallProduct } from './properties/stalls.ts';
import type { PropertyResult } from './results.ts';

export { plannedProperties, unasked, type VerifyOptions } from './plan.ts';

/**
 * @param design settled: reset and clock are no longer its ports
 * @throws InputError when the design has no channels; AbortedError when stopped
 */
export async function verifyDesign(
  design: Design,
  found: Interface,
  engines: Engines,
  options: VerifyOptions = {},
): Promise<PropertyResult[]> {
  requireObject('the design to verify', design, 'aig', 'the design that loadDesign gives');
  requireObject('the interface', found, 'channels', 'what loadDesign found');
  requireObject('the engines', engines, 'checkSafety', '{ checkSafety, checkLiveness, checkCover }');
  if (found.channels.length === 0) {
    throw new InputError(`no valid/ready channel among the ports of '${design.name}'`, {
      expected: 'ports such as in_valid, in_ready, in_data, or a configuration that names them',
    });
  }
  const stopIfAsked = (): void => {
    if (options.signal?.aborted === true) throw new AbortedError('verification stopped');
  };
  const missing = unasked(found, options);
  if (missing.length > 0 && missing.length === options.properties?.length) {
    throw new InputError(`nothing to check: '${design.name}' has no channel for ${missing.join(', ')}`, {
      expected: 'an output channel that is valid and ready',
    });
  }
  const run = new Run(new Asking(design, found, engines, options));
  const results: PropertyResult[] = [];
  for (const task of plan(found, options)) {
    stopIfAsked();
    const result = await run.check(task);
    stopIfAsked();
    options.onResult?.(result);
    results.push(result);
  }
  return results;
}

class Run {
  private readonly asking: Asking;
  private readonly deadlocks: DeadlockTasks;

  constructor(asking: Asking) {
    this.asking = asking;
    this.deadlocks = new DeadlockTasks(asking);
  }

  async check(task: Task): Promise<PropertyResult> {
    const start = performance.now();
    const result = await this.answer(task, start);
    result.seconds = (performance.now() - start) / 1000;
    return result;
  }

  private answer(task: Task, start: number): Promise<PropertyResult> {
    const { asking } = this;
    const { design, found, options, engines } = asking;
    switch (task.kind) {
      case 'P1':
        return this.invalidData(start);
      case 'P2':
        return this.deadlocks.bounded(task, start);
      case 'P2-live':
        return this.deadlocks.live(task, start);
      case 'P3':
        return asking.safety(task, start, stallProduct(design, found, task.channel!, options.skew ?? 1), {
          bound: options.skew ?? 1,
          assumptions: [`one run is at most ${options.skew ?? 1} message(s) ahead of the other`],
        });
      case 'P5':
        return integrityResult(design, found, engines, {
          timeoutSeconds: asking.limits(task, start).timeoutSeconds,
          signal: options.signal,
        });
      default:
        return this.protocol(task, start);
    }
  }

  private async protocol(task: Task, start: number): Promise<PropertyResult> {
    const { asking } = this;
    const build = (found: Interface): Product => protocolProduct(asking.design, found, task.channel!);
    const result = await asking.safety(task, start, build(asking.found), {});
    if (result.verdict === 'refuted') result.reason = await asking.rescue(build);
    return result;
  }

  private async invalidData(start: number): Promise<PropertyResult> {
    const { asking } = this;
    const product = invalidDataProduct(asking.design, asking.found);
    const duplicated = new Set(product.duplicated);
    const garbage = asking.design.registers
      .filter(r => r.latches.some(i => duplicated.has(i)))
      .map(r => r.name);
    return asking.safety({ kind: 'P1' }, start, product, { garbage });
  }
}
