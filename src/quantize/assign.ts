// Which format each quantizable operator's weight and activations get: class rules, then name rules, last match wins.
// Refuses to guess: a pattern that matches nothing is reported by `unmatched`.

import type { Format } from '../format/index.ts';
import type { QuantizableNode } from '../model/index.ts';
import { formatOrNone, matches, type QuantizeOptions } from './options.ts';

export interface Assignment {
  /** Undefined: the operand stays in fp32. */
  weights: Format | undefined;
  activations: Format | undefined;
}

/** Formats of every operator, in the order given, and the patterns that matched none of them. */
export function assignFormats(
  nodes: readonly QuantizableNode[],
  options: QuantizeOptions,
): { assignments: Assignment[]; unmatched: string[] } {
  const used = new Set<string>();
  const rules = options.rules ?? [];
  const keep = options.keep ?? [];
  const assignments = nodes.map(x => {
    const names = [x.node.name, ...x.node.outputs, ...(x.weight === undefined ? [] : [x.weight.name])];
    let weights: string | undefined = options.weights;
    let activations: string | undefined = options.activations ?? 'fp32';
    const apply = (
      rule: { weights?: string | undefined; activations?: string | undefined } | undefined,
    ): void => {
      weights = rule?.weights ?? weights;
      activations = rule?.activations ?? activations;
    };
    if (x.depthwise) apply(options.depthwise);
    if (x.first) apply(options.first);
    if (x.last) apply(options.last);
    for (const rule of rules) {
      if (!names.some(name => matches(rule.pattern, name))) continue;
      used.add(rule.pattern);
      apply(rule);
    }
    for (const pattern of keep) {
      if (!names.some(name => matches(pattern, name))) continue;
      used.add(pattern);
      weights = activations = 'fp32';
    }
    return { weights: formatOrNone(weights), activations: formatOrNone(activations) };
  });
  const unmatched = [...rules.map(r => r.pattern), ...keep].filter(p => !used.has(p));
  return { assignments, unmatched };
}
