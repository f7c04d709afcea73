// Removes Identity, and Dropout as it behaves at inference.
// Refuses where the value is a graph output or used inside a body, since its name must stay.

import type { Graph } from '../graph.ts';
import { did, newStatistics, type PassStatistics } from './statistics.ts';

export function removeIdentities(graph: Graph): PassStatistics {
  const statistics = newStatistics('removeIdentities');
  for (const node of graph.order()) {
    if (!node.is('Identity') && !node.is('Dropout')) continue;
    const leave = (reason: string): void => {
      statistics.left.push({ node: node.name, reason });
    };
    const [from] = node.inputs;
    const [to, mask] = node.outputs;
    if (from === undefined || to === undefined) continue;
    if (mask !== undefined && mask !== '' && (graph.consumers(mask).length > 0 || graph.isOutput(mask))) {
      leave('its mask is used');
      continue;
    }
    if (node.inputs[2]) {
      const training = graph.constant(node.inputs[2]);
      if (training === undefined || training.data[0]) {
        leave('it may be in training mode');
        continue;
      }
    }
    if (graph.isOutput(to) || graph.isCaptured(to)) {
      leave(graph.isOutput(to) ? 'it makes a graph output' : 'a body uses its output');
      continue;
    }
    graph.replaceUses(to, from);
    graph.removeNode(node);
    did(statistics, node.op);
  }
  graph.removeUnused();
  return statistics;
}
