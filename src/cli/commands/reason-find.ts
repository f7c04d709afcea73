// bitwright reason find FILE: full and half adders of a netlist, labels, annotated netlist, page.

import { basename, join } from 'node:path';
import { UsageError, unknownWord } from '../../core/errors.ts';
import { type AtomicFile, writeAtomic } from '../../core/files.ts';
import { packageVersion } from '../../core/places.ts';
import { writeAnnotatedJson, writeAnnotatedVerilog } from '../../reason/annotate.ts';
import { rootCode, sharedCode } from '../../reason/exact/labels.ts';
import { buildAdderTree } from '../../reason/exact/tree.ts';
import { findAdders } from '../../reason/find.ts';
import { sumScorer } from '../../reason/gnn/predict.ts';
import { adderReport } from '../../reason/page.ts';
import { openReport, writeReport } from '../../report/index.ts';
import { type CommandSpec, integerOption } from '../context.ts';
import { addNetlistInput, readNetlistInput } from '../netlist-options.ts';

const proposers = ['all', 'network', 'function'] as const;
const sources = ['cut', 'function', 'network'] as const;
const modes = ['hybrid', 'exact'] as const;

export const command: CommandSpec = {
  summary: 'find the full and half adders of a netlist',
  configure(command) {
    addNetlistInput(command);
    command
      .option('--mode <mode>', 'hybrid, or exact (3-feasible cuts only)', 'hybrid')
      .option('--proposals <who>', 'hidden adders are looked for by function, network, or all', 'all')
      .option('--max-cuts <n>', 'cuts kept a node', integerOption('--max-cuts', 8, 1000), 128)
      .option('--labels <file>', 'write the root and shared label of every node (tab-separated)')
      .option('--adders <file>', 'write the adder list (tab-separated variables)')
      .option('--annotate <file>', 'write the netlist with word-level hints (.v or .json)')
      .option('--open', 'open the page (with --out)');
  },
  async run([file = ''], options, context) {
    const mode = modes.find(m => m === options['mode']);
    if (mode === undefined) throw unknownWord('mode', String(options['mode']), modes);
    const who = proposers.find(p => p === options['proposals']);
    if (who === undefined) throw unknownWord('proposals', String(options['proposals']), proposers);
    const annotate = options['annotate'] as string | undefined;
    if (annotate !== undefined && !/\.(v|json)$/i.test(annotate)) {
      throw new UsageError(`--annotate got '${annotate}'`, { expected: 'a file ending in .v or .json' });
    }
    const start = performance.now();
    const aig = readNetlistInput(file, options);
    const readSeconds = (performance.now() - start) / 1000;
    const scorer = sumScorer({
      threads: aig.andCount > 500_000 ? context.options.threads : 1,
      progress: context.progress,
      signal: context.signal,
    });
    const found = await findAdders(aig, {
      mode,
      maxCuts: options['maxCuts'] as number,
      scorer: who === 'function' ? undefined : scorer,
      onlyScored: who === 'network',
      seed: context.options.seed,
      progress: context.progress,
      signal: context.signal,
    });
    const { adders, statistics } = found;
    const tree = buildAdderTree(adders, aig.variableCount);
    const seconds = (performance.now() - start) / 1000;
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    const artefacts: Record<string, string> = {};
    if (options['labels'] !== undefined) {
      const path = (artefacts['labels'] = options['labels'] as string);
      writeAtomic(path, sink => {
        sink.write('variable\troot\tshared\n');
        writeLines(sink, 1, aig.variableCount, v => {
          return `${v}\t${rootCode(aig, found.flags, v)}\t${sharedCode(aig, found.flags, v)}`;
        });
      });
    }
    if (options['adders'] !== undefined) {
      const path = (artefacts['adders'] = options['adders'] as string);
      writeAtomic(path, sink => {
        sink.write('leaf0\tleaf1\tleaf2\tsum\tcarry\tsign\tsource\ttree\trank\tlevel\n');
        writeLines(sink, 0, adders.count, i => {
          const words = Array.from(adders.data.subarray(6 * i, 6 * i + 6)).join('\t');
          const source = sources[found.source[i]!]!;
          return `${words}\t${source}\t${tree.tree[i]}\t${tree.rank[i]}\t${tree.level[i]}`;
        });
      });
    }
    if (annotate !== undefined) {
      artefacts['annotated'] = annotate;
      const writer = /\.v$/i.test(annotate) ? writeAnnotatedVerilog : writeAnnotatedJson;
      writeAtomic(annotate, sink => writer(aig, adders, tree, sink));
    }
    context.print(
      `${adders.fullAdders} full adders, ${adders.halfAdders} half adders in ${aig.andCount} ANDs`,
    );
    context.print(
      `${tree.treeCount} ${tree.treeCount === 1 ? 'tree' : 'trees'}, ${seconds.toFixed(2)} s, ${(peakBytes / 1e6).toFixed(0)} MB`,
    );
    if (statistics.exact.cappedNodes > 0) {
      context.note(
        `${statistics.exact.cappedNodes} nodes had more cuts than --max-cuts; adders may be missing there`,
      );
    }
    if (statistics.hiddenSkipped === 'graph too large') {
      context.note('the search for hidden adders was not run: the graph is too large');
    }
    if (context.options.out !== undefined) {
      const report = await adderReport(basename(file), aig, found, tree, [
        ['command', `bitwright reason find ${basename(file)}`],
        ['version', packageVersion()],
      ]);
      const { html } = writeReport(report, context.options.out, { name: 'adders' });
      artefacts['page'] = join(context.options.out, 'adders.html');
      if (html !== undefined) openReport(html, { open: options['open'] === true, print: context.print });
    }
    context.result({
      input: file,
      ands: aig.andCount,
      fullAdders: adders.fullAdders,
      halfAdders: adders.halfAdders,
      seconds,
      peakBytes,
      mode,
      bySource: Object.fromEntries(
        sources.map((name, code) => [name, found.source.reduce((n, s) => n + (s === code ? 1 : 0), 0)]),
      ),
      networkSeconds: statistics.scorerSeconds ?? null,
      trees: tree.treeCount,
      rankConflicts: tree.rankConflicts,
      roots: tree.roots.length,
      leaves: tree.leaves.length,
      readSeconds,
      exact: statistics.exact,
      hidden: statistics.hidden ?? null,
      hiddenSkipped: statistics.hiddenSkipped ?? null,
      artefacts,
    });
  },
};

function writeLines(sink: AtomicFile, from: number, to: number, line: (i: number) => string): void {
  for (let i = from; i < to; ) {
    const lines: string[] = [];
    for (const end = Math.min(to, i + 65536); i < end; i++) lines.push(line(i));
    sink.write(`${lines.join('\n')}\n`);
  }
}
