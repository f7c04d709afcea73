// What the environment is taken to do, in words. Refuses to decide: the products do.

import type { Interface } from '../interface.ts';

/** One line each. */
export function assumptionsOf(found: Interface): string[] {
  const { channels, freeInputs, resets } = found;
  const lines: string[] = [];
  const kept = channels.filter(c => c.direction === 'in' && c.persistent).map(c => c.name);
  if (kept.length > 0) lines.push(`offers stay until taken: ${kept.join(', ')}`);
  for (const { port, rule } of freeInputs) {
    if (rule.kind === 'stable') lines.push(`${port} is constant`);
    if (rule.kind === 'tied') lines.push(`${port} is ${rule.value}`);
  }
  if (resets.length > 0) lines.push(`${resets.map(r => r.port).join(', ')} inactive after reset`);
  return lines;
}
