// npm run verify:examples: every example against its expected verdicts, with the random-stall baseline beside the proofs.
// Exit code 1 when a verdict differs. Options: --json, --only TEXT, --timeout SECONDS, --random CYCLES, --out FOLDER.

import { parseArgs } from 'node:util';
import { BitwrightError, UsageError } from '../../core/errors.ts';
import { packageVersion } from '../../core/places.ts';
import { engines } from '../../engines/index.ts';
import { type Report, renderConsoleTable, type Table, writeReport } from '../../report/index.ts';
import { closeYosys } from '../../synthesis/index.ts';
import { traceBlocks } from '../traces/index.ts';
import { asExpected, type ExampleRow, runExample } from './run.ts';
import { examples } from './table.ts';

interface Judged extends ExampleRow {
  ok: boolean;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string' },
      timeout: { type: 'string', default: '60' },
      random: { type: 'string', default: '100000' },
      out: { type: 'string' },
    },
  });
  const timeoutSeconds = Number(values.timeout);
  const randomCycles = Number(values.random);
  if (!(timeoutSeconds > 0) || !(randomCycles >= 0)) {
    throw new UsageError('a limit that is no number', { expected: '--timeout SECONDS, --random CYCLES' });
  }
  const chosen = examples.filter(e => values.only === undefined || e.name.includes(values.only));
  if (chosen.length === 0) throw new UsageError(`no example is called '${values.only}'`);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const begin = performance.now();
  const rows: Judged[] = [];
  for (const [i, example] of chosen.entries()) {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${i + 1}/${chosen.length} ${example.name}`);
    const answers = await runExample(example, engines, { timeoutSeconds, randomCycles, signal: stop.signal });
    for (const row of answers) rows.push({ ...row, ok: asExpected(row, example) });
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  await closeYosys();
  const seconds = (performance.now() - begin) / 1000;
  const wrong = rows.filter(row => !row.ok);
  if (values.out !== undefined) writeReport(reportOf(rows, seconds), values.out, { name: 'examples' });
  if (values.json) {
    const plain = rows.map(({ trace: _, ...row }) => ({
      ...row,
      randomCycles: row.randomCycles === Number.POSITIVE_INFINITY ? `> ${randomCycles}` : row.randomCycles,
    }));
    const result = {
      schema: 1,
      command: 'verify:examples',
      version: packageVersion(),
      designs: chosen.length,
      wrong: wrong.length,
      seconds,
      results: plain,
    };
    process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
  } else {
    process.stdout.write(`${renderConsoleTable(tableOf(rows))}\n`);
    process.stdout.write(
      `${rows.length} verdicts of ${chosen.length} designs in ${seconds.toFixed(0)} s, ${wrong.length} not as expected\n`,
    );
  }
  return wrong.length === 0 ? 0 : 1;
}

function tableOf(rows: readonly Judged[]): Table {
  return {
    kind: 'table',
    title: 'Examples',
    columns: [
      { key: 'row', label: 'row', align: 'right' },
      { key: 'design', label: 'design' },
      { key: 'bits', label: 'state', unit: 'bits', align: 'right', digits: 0 },
      { key: 'property', label: 'property' },
      { key: 'verdict', label: 'verdict' },
      { key: 'method', label: 'method' },
      { key: 'depth', label: 'depth', align: 'right', digits: 0 },
      { key: 'trace', label: 'trace', align: 'right' },
      { key: 'seconds', label: 'time', unit: 's', align: 'right', digits: 2 },
      { key: 'random', label: 'random cycles', align: 'right' },
    ],
    rows: rows.map(row => ({
      row: row.row === null ? '' : String(row.row),
      design: row.design,
      bits: row.stateBits,
      property: row.property,
      verdict: {
        value: `${row.verdict}${row.vacuous ? ' (vacuous)' : ''}${row.ok ? '' : `, expected ${row.expected}`}`,
        tone: row.ok ? ('good' as const) : ('bad' as const),
        note: row.reason ?? undefined,
      },
      method: row.method,
      depth: row.depth,
      trace: row.traceLength === null ? '' : String(row.traceLength),
      seconds: row.seconds,
      random:
        row.randomCycles === null
          ? ''
          : row.randomCycles === Number.POSITIVE_INFINITY
            ? 'missed'
            : String(row.randomCycles),
    })),
    caption:
      'trace: cycles of the failing run; random cycles: median over 20 seeds of random stalls until the bug shows.',
  };
}

function reportOf(rows: readonly Judged[], seconds: number): Report {
  const traces = rows.filter(row => row.trace !== undefined && row.property !== 'P2-live');
  return {
    title: 'Examples of latency-insensitive verification',
    summary: `${rows.length} verdicts in ${seconds.toFixed(0)} s, ${rows.filter(r => !r.ok).length} not as expected.`,
    facts: [['version', packageVersion()]],
    sections: [
      { title: 'Verdicts', blocks: [tableOf(rows)] },
      ...traces.map(row => ({
        title: `${row.design}: ${row.property}`,
        blocks: traceBlocks(row.trace!),
      })),
    ],
  };
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof BitwrightError)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = error.exitCode;
  await closeYosys();
}
