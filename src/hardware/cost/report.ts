// Costs as a report: table of ratios, Pareto plots, critical paths; and as CSV. Refuses to run anything.

import { packageVersion } from '../../core/places.ts';
import type { Block, Report } from '../../report/index.ts';
import type { CostResult, CostRow } from './cost.ts';

/** Lines for a terminal. */
export function costText(result: CostResult): string[] {
  const head = `${'unit'.padEnd(20)} ${'format'.padEnd(18)} ${'area'.padStart(10)} ${'ratio'.padStart(6)} ${'delay'.padStart(8)} ${'clock'.padStart(8)}  ${'fJ/op'.padStart(10)} ${'ratio'.padStart(6)} ${'FF'.padStart(5)} ${'SQNR'.padStart(8)}`;
  const rows = result.rows.map(
    r =>
      `${r.unit.padEnd(20)} ${r.format.padEnd(18)} ${figure(r.area).padStart(10)} ${r.areaRatio.toFixed(3).padStart(6)} ${figure(r.delay).padStart(8)} ${r.met ? 'met' : 'NOT MET'.padStart(8)}${r.met ? '     ' : ''}  ${figure(r.energyPerOp).padStart(10)} ${r.energyRatio.toFixed(3).padStart(6)} ${`${(100 * r.flipFlops).toFixed(0)}%`.padStart(5)} ${r.sqnr === null ? '' : `${r.sqnr.toFixed(1)} dB`}`,
  );
  return [
    `library ${result.library}, area in ${result.areaUnit}, clock ${result.clock} ps (${(result.clock / result.fanoutOfFour).toFixed(0)} inverter delays at fan-out 4)`,
    head,
    ...rows,
  ];
}

function figure(x: number): string {
  return x >= 1000 ? x.toFixed(0) : x.toPrecision(4);
}

/** The longest path of a unit, one line a cell. */
export function pathText(row: CostRow): string[] {
  const path = row.critical;
  if (path === undefined) return [`${row.title}: no timed path`];
  return [
    `${row.title}: ${path.group}, ${path.period.toFixed(1)} ps to ${path.end}${path.setup > 0 ? ` (setup ${path.setup.toFixed(1)})` : ''}`,
    ...path.steps.map(
      s =>
        `  ${s.arrival.toFixed(1).padStart(9)} ${`+${s.delay.toFixed(1)}`.padStart(8)} ${s.edge.padEnd(4)} ${s.cell.padEnd(20)} fan-out ${String(s.fanout).padStart(3)}  ${s.load.toFixed(2)} fF  ${s.net}`,
    ),
  ];
}

/** Area by module, a line a module; nothing when it was not asked for. */
export function modulesText({ title, modules, area }: CostRow): string[] {
  if (modules === null) return [];
  const sum = modules.reduce((a, m) => a + m.total, 0);
  return [
    `${title}: area by module, each mapped by itself (together ${figure(sum)}, the flat netlist ${figure(area)})`,
    ...modules.map(
      m =>
        `  ${figure(m.total).padStart(10)} ${`${(100 * m.share).toFixed(1)} %`.padStart(7)}  ${m.name}${m.instances > 1 ? ` (${m.instances} of ${figure(m.area)})` : ''}`,
    ),
  ];
}

/** How our timing compares with OpenSTA's, a line a unit. */
export function openStaText(result: CostResult): string[] {
  return result.rows.map(({ title, openSta: check }) =>
    check === null
      ? `${title}: timing not compared, no \`sta\` on PATH (Debian: opensta)`
      : `${title}: OpenSTA ${check.version} ${check.theirs.toFixed(1)} ps, ours ${check.ours.toFixed(1)} ps (${(100 * check.error).toFixed(3)} %), ${check.endpoints} endpoints within ${(100 * check.worstEndpoint).toFixed(4)} %`,
  );
}

const csvColumns = [
  ...['unit', 'format', 'name', 'area', 'areaRatio', 'delay', 'clock', 'met', 'energyPerOp', 'energyRatio'],
  ...['areaDelay', 'flipFlops', 'cells', 'sqnr', 'recipe', 'operands', 'baseline'],
] as const;

/** One line a unit. */
export function costCsv(result: CostResult): string {
  const lines = result.rows.map(row => {
    const values: Record<string, unknown> = { ...row, areaDelay: row.areaRatio * row.delayRatio };
    return csvColumns.map(c => String(values[c] ?? '')).join(',');
  });
  return `${csvColumns.join(',')}\n${lines.join('\n')}\n`;
}

/** The page: what it costs, what it buys. */
export function costReport(result: CostResult, title: string, command: string): Report {
  const { rows } = result;
  const base = rows[0]!;
  const table: Block = {
    kind: 'table',
    columns: [
      ...(rows.every(r => r.unit === base.unit) ? [] : [{ key: 'unit', label: 'unit' }]),
      { key: 'format', label: 'format' },
      ...(rows.some(r => r.sqnr !== null)
        ? [{ key: 'sqnr', label: 'SQNR', unit: 'dB', digits: 1, best: 'max' as const }]
        : []),
      { key: 'area', label: 'area', unit: result.areaUnit },
      { key: 'areaRatio', label: 'area ratio', digits: 3, best: 'min', bar: true },
      { key: 'delay', label: 'delay', unit: 'ps', digits: 0 },
      { key: 'met', label: 'clock' },
      { key: 'energy', label: 'energy/op', unit: 'fJ' },
      { key: 'energyRatio', label: 'energy ratio', digits: 3, best: 'min', bar: true },
      { key: 'areaDelay', label: 'area · delay', digits: 3, best: 'min' },
      { key: 'flipFlops', label: 'flip-flops', unit: '%', digits: 0 },
    ],
    rows: rows.map(r => ({
      unit: r.unit,
      format: r.format,
      area: r.area,
      areaRatio: r.areaRatio,
      delay: r.delay,
      met: { value: r.met ? 'met' : 'not met', tone: r.met ? ('good' as const) : ('bad' as const) },
      energy: r.energyPerOp,
      energyRatio: r.energyRatio,
      areaDelay: r.areaRatio * r.delayRatio,
      flipFlops: 100 * r.flipFlops,
      sqnr: r.sqnr,
    })),
    caption: `Ratios against ${base.title}, synthesised in the same run at the same clock of ${result.clock} ps.`,
  };
  const plots: Block[] = (
    [
      ['areaRatio', 'Area', (r: CostRow) => r.areaRatio],
      ['energyRatio', 'Energy an operation', (r: CostRow) => r.energyRatio],
      ['areaDelay', 'Area · delay', (r: CostRow) => r.areaRatio * r.delayRatio],
    ] as const
  ).map(([, label, x]) => ({
    kind: 'xy',
    title: `Accuracy against ${label.toLowerCase()}`,
    x: { label: `${label}, baseline = 1`, min: 0 },
    y: { label: 'SQNR of the dot products', unit: 'dB' },
    series: [
      {
        name: 'formats',
        mode: 'scatter',
        points: rows.filter(r => r.sqnr !== null).map(r => ({ x: x(r), y: r.sqnr!, label: r.format })),
      },
    ],
    pareto: { x: 'min', y: 'max' },
  }));
  const modules: Block[] = rows.flatMap(r =>
    r.modules === null
      ? []
      : [
          {
            kind: 'table' as const,
            title: r.title,
            columns: [
              { key: 'name', label: 'Module' },
              { key: 'instances', label: 'Instances', digits: 0 },
              { key: 'area', label: 'Area of one', unit: result.areaUnit },
              { key: 'total', label: 'Area of all', unit: result.areaUnit, bar: true },
              { key: 'share', label: 'Share', unit: '%', digits: 1 },
            ],
            rows: r.modules.map(m => ({ ...m, share: 100 * m.share })),
            caption: 'Every module mapped by itself; the flat netlist above shares logic across modules.',
          },
        ],
  );
  const paths: Block[] = rows.map(r => ({
    kind: 'preformatted',
    title: r.title,
    text: pathText(r).join('\n'),
    folded: true,
  }));
  return {
    title,
    subtitle: `Library ${result.library}, clock ${result.clock} ps`,
    summary: summaryOf(rows),
    facts: [
      ['command', command],
      ['version', packageVersion()],
      ['operands', base.operands],
      ['clock', `${(result.clock / result.fanoutOfFour).toFixed(0)} inverter delays at fan-out 4`],
    ],
    sections: [
      { title: 'Costs', blocks: [table] },
      ...(rows.some(r => r.sqnr !== null) ? [{ title: 'Trade-off', blocks: plots }] : []),
      ...(modules.length > 0 ? [{ title: 'Area by module', blocks: modules }] : []),
      { title: 'Critical paths', blocks: paths },
    ],
  };
}

/** The answer in a sentence: one unit against its baseline, or the cheapest of a sweep. */
function summaryOf(rows: readonly CostRow[]): string | undefined {
  const base = rows[0]!;
  const others = rows.filter(r => r.areaRatio !== 1 || r.energyRatio !== 1);
  if (others.length === 0 || rows.some(r => r !== base && r.areaRatio === 1)) return undefined;
  const says = (r: CostRow): string =>
    `${r.areaRatio.toFixed(2)} of the area and ${r.energyRatio.toFixed(2)} of the energy an operation of ${base.title}`;
  if (others.length === 1) return `${others[0]!.title} takes ${says(others[0]!)}.`;
  const least = others.reduce((a, b) => (b.energyRatio < a.energyRatio ? b : a));
  return `Of ${rows.length} units ${least.title} takes the least energy: ${says(least)}.`;
}
