// Mixed precision: one weight format a layer out of a ladder, within a budget of effective bits, by measured sensitivity.
// Greedy on disturbance removed a bit spent, over each layer's lower convex hull, which is optimal up to the last step; what
// is left of the budget then goes to any format that fits.
// Refuses budgets below the narrowest format.

import { UsageError } from '../core/errors.ts';
import { disturbance, type LayerSensitivity } from './sensitivity.ts';

export interface Choice {
  node: string;
  format: string;
  elements: number;
  bits: number;
  disturbance: number;
}

export interface BudgetResult {
  choices: Choice[];
  effectiveBits: number;
  /** Sum of the layers' disturbances, which are measured one layer at a time. */
  disturbance: number;
}

/**
 * Chooses formats.
 * @param measured sensitivity of every layer under every format of the ladder
 * @param budget effective bits over all weights, scales included
 * @param goal `within`: least disturbance within the budget; `narrowest`: fewest bits
 * @throws UsageError when even the narrowest formats do not fit
 */
export function chooseFormats(
  measured: readonly LayerSensitivity[],
  budget: number,
  goal: 'within' | 'narrowest' = 'within',
): BudgetResult {
  const byNode = new Map<string, LayerSensitivity[]>();
  for (const m of measured) byNode.set(m.node, [...(byNode.get(m.node) ?? []), m]);
  const every = [...byNode.values()].map(choicesOf);
  const ladders = every.map(hull);
  const at = ladders.map(() => 0);
  const elements = ladders.reduce((a, l) => a + l[0]!.elements, 0);
  const used = (): number => ladders.reduce((a, l, i) => a + l[at[i]!]!.bits * l[0]!.elements, 0);
  let bits = used();
  if (bits > budget * elements + 1e-6) {
    throw new UsageError(`budget of ${budget} bits`, {
      expected: `at least ${(bits / elements).toFixed(3)}`,
    });
  }
  const blocked = new Set<number>();
  for (; goal === 'within'; ) {
    let best = -1;
    let bestGain = 0;
    ladders.forEach((ladder, i) => {
      const here = ladder[at[i]!]!;
      const next = ladder[at[i]! + 1];
      if (next === undefined || blocked.has(i)) return;
      const gain = (here.disturbance - next.disturbance) / ((next.bits - here.bits) * here.elements);
      if (gain > bestGain) {
        bestGain = gain;
        best = i;
      }
    });
    if (best < 0) break;
    const ladder = ladders[best]!;
    const step = (ladder[at[best]! + 1]!.bits - ladder[at[best]!]!.bits) * ladder[0]!.elements;
    if (bits + step > budget * elements + 1e-6) {
      blocked.add(best);
      continue;
    }
    at[best]!++;
    bits += step;
  }
  const choices = ladders.map((l, i) => l[at[i]!]!);
  for (; goal === 'within'; ) {
    let best: { layer: number; choice: Choice; cost: number; gain: number } | undefined;
    every.forEach((options, layer) => {
      const here = choices[layer]!;
      for (const choice of options) {
        const cost = (choice.bits - here.bits) * here.elements;
        const saved = here.disturbance - choice.disturbance;
        if (!(cost > 0 && saved > 0) || bits + cost > budget * elements + 1e-6) continue;
        if (best === undefined || saved / cost > best.gain)
          best = { layer, choice, cost, gain: saved / cost };
      }
    });
    if (best === undefined) break;
    choices[best.layer] = best.choice;
    bits += best.cost;
  }
  return {
    choices,
    effectiveBits: bits / Math.max(1, elements),
    disturbance: choices.reduce((a, c) => a + c.disturbance, 0),
  };
}

/** A layer's formats by bits. */
function choicesOf(options: readonly LayerSensitivity[]): Choice[] {
  return options
    .map(o => ({
      ...{ node: o.node, format: o.format, elements: o.elements, bits: o.bits },
      disturbance: disturbance(o),
    }))
    .sort((a, b) => a.bits - b.bits || a.disturbance - b.disturbance);
}

/** Only those on the lower convex hull of (bits, disturbance). */
function hull(points: readonly Choice[]): Choice[] {
  const out: Choice[] = [];
  for (const p of points) {
    const last = out.at(-1);
    if (last !== undefined && p.disturbance >= last.disturbance) continue;
    while (out.length >= 2 && slope(out.at(-2)!, out.at(-1)!) >= slope(out.at(-2)!, p)) out.pop();
    out.push(p);
  }
  return out;
}

function slope(a: Choice, b: Choice): number {
  return (b.disturbance - a.disturbance) / (b.bits - a.bits);
}
