// bitwright reason predict: the network's labels of a netlist, counted, and scored against the exact detector on request.

import { circuitLabels, loadModel, predict, score, type TaskScore } from '../../reason/gnn/index.ts';
import { type CommandSpec, integerOption } from '../context.ts';
import { addNetlistInput, readNetlistInput } from '../netlist-options.ts';

export const command: CommandSpec = {
  summary: 'label sums and carries of a netlist with the network',
  configure(command) {
    addNetlistInput(command);
    command
      .option('--model <file>', 'model file of reason train (default: the one that ships)')
      .option('--compare', 'score against the exact detector')
      .option(
        '--original <file>',
        'with --compare: the circuit before mapping, whose adders score the origin head',
      )
      .option('--window <n>', 'nodes of a window', integerOption('--window', 64, 1 << 20), 16384);
  },
  async run([file], options, context) {
    const aig = readNetlistInput(file!, options);
    const other = options['original'] as string | undefined;
    const original = other === undefined ? undefined : readNetlistInput(other, {});
    const model = loadModel(options['model'] as string | undefined);
    const p = await predict(aig, {
      model,
      threads: context.options.threads,
      windowNodes: options['window'] as number,
      progress: context.progress,
      signal: context.signal,
    });
    const count = (a: Uint8Array, c: number): number =>
      a.subarray(aig.firstAnd).reduce((n, x) => n + (x === c ? 1 : 0), 0);
    const counts = {
      root: { carries: count(p.root, 0), sums: count(p.root, 1) },
      origin: { carries: count(p.origin, 0), sums: count(p.origin, 1) },
    };
    const { seconds, nodes } = p.statistics;
    const scores: Record<string, TaskScore> = {};
    if (options['compare'] === true || original !== undefined) {
      const labels = circuitLabels(aig, original);
      const shared = ['plain', 'maj', 'xor'];
      const roots = ['carry', 'sum', 'other'];
      scores['xor'] = score(p.xor, labels.xor, shared, aig.firstAnd);
      scores['maj'] = score(p.maj, labels.maj, shared, aig.firstAnd);
      scores['root'] = score(p.root, labels.root, roots, aig.firstAnd);
      if (original !== undefined) scores['origin'] = score(p.origin, labels.origin, roots, aig.firstAnd);
    }
    context.print(
      `${nodes} nodes in ${seconds.toFixed(2)} s (${(nodes / seconds / 1e6).toFixed(2)} million/s)`,
    );
    context.print(`structural roots: ${counts.root.carries} carries, ${counts.root.sums} sums`);
    context.print(`original adders:  ${counts.origin.carries} carries, ${counts.origin.sums} sums`);
    for (const [task, s] of Object.entries(scores)) {
      const f1 = s.classes.map(c => `${c.name} ${c.f1.toFixed(4)}`).join(', ');
      context.print(
        `${task}: accuracy ${(100 * s.accuracy).toFixed(3)} %, balanced ${(100 * s.balanced).toFixed(3)} %, always-majority ${(100 * s.majority).toFixed(3)} %, F1 ${f1}`,
      );
    }
    context.result({
      file,
      ands: aig.andCount,
      model: model.architecture.name,
      counts,
      scores,
      nodesPerSecond: nodes / seconds,
      ...p.statistics,
    });
  },
};
