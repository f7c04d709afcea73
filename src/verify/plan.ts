// What a run checks and in which order, from the interface and the user's wishes. Refuses to look at the design.

import { unknownWord } from '../core/errors.ts';
import type { CheckLimits } from './check.ts';
import type { Interface } from './interface.ts';
import { type PropertyKind, type PropertyResult, propertyKinds } from './results.ts';

export interface VerifyOptions {
  /** Default P1, P2, P2-live, and P4 of the channels that promise it. P3 and P5 are asked for. */
  properties?: readonly PropertyKind[] | undefined;
  /** Wall clock of each property. Default 60. */
  timeoutSeconds?: number | undefined;
  maxDepth?: number | undefined;
  /** P2: cycles of silence that are too many; default: measured. */
  bound?: number | undefined;
  /** P2 of every channel too, not only of those marked `forever`. */
  perPort?: boolean | undefined;
  /** P3: tokens one copy may be ahead of the other. Default 1. */
  skew?: number | undefined;
  seed?: number | undefined;
  threads?: number | undefined;
  engines?: CheckLimits['engines'];
  signal?: AbortSignal | undefined;
  progress?: ((property: string, engine: string, depth: number) => void) | undefined;
  /** Called as each result is there. */
  onResult?: ((result: PropertyResult) => void) | undefined;
}

/** Names of the properties a run would check, in order. */
export function plannedProperties(found: Interface, options: VerifyOptions = {}): string[] {
  return plan(found, options).map(task => nameOf(task));
}

/** Properties asked for by name that the interface has no channel for. */
export function unasked(found: Interface, options: VerifyOptions): PropertyKind[] {
  const kinds = new Set(plan(found, options).map(task => task.kind));
  return (options.properties ?? []).filter(kind => !kinds.has(kind));
}

/** One question: a property, of one channel or of the design. */
export interface Task {
  kind: PropertyKind;
  channel?: string | undefined;
}

export function nameOf(task: Task): string {
  return task.channel === undefined ? task.kind : `${task.kind}:${task.channel}`;
}

export function plan(found: Interface, options: VerifyOptions): Task[] {
  const asked = options.properties;
  for (const kind of asked ?? [])
    if (!propertyKinds.includes(kind)) throw unknownWord('property', String(kind), propertyKinds);
  const wants = (kind: PropertyKind): boolean =>
    asked?.includes(kind) ?? (kind !== 'P3' && kind !== 'P4' && kind !== 'P5');
  const tasks: Task[] = [];
  if (wants('P1')) tasks.push({ kind: 'P1' });
  const ports = found.channels.filter(c => c.forever || options.perPort === true);
  for (const kind of ['P2', 'P2-live'] as const) {
    if (!wants(kind)) continue;
    tasks.push({ kind }, ...ports.map(c => ({ kind, channel: c.name })));
  }
  const outputs = found.channels.filter(c => c.direction === 'out');
  if (wants('P3')) for (const c of outputs) if (c.ordered) tasks.push({ kind: 'P3', channel: c.name });
  for (const c of outputs) {
    if (c.ready !== undefined && (asked === undefined ? c.persistent : wants('P4'))) {
      tasks.push({ kind: 'P4', channel: c.name });
    }
  }
  if (asked?.includes('P5') === true) tasks.push({ kind: 'P5' });
  return tasks;
}
