// Softermax against exact softmax: error over row widths and score distributions, and text lines read with it.
// Usage: node bench/softermax.mjs [--part accuracy|network|cost] [--liberty FILE] [--clock PS] [--cache DIR] [--width 32]
// Default accuracy and network; cost takes five minutes a library. Kept in bench/results/softermax.json.
// Nothing in the arithmetic was fitted to these rows: formats are the paper's, tables are fitted to 2^x and 1/x alone.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { keepPart, kept, machineLine, today, versionOf } from './keep.mjs';

const { values: flags } = parseArgs({
  options: {
    part: { type: 'string' },
    liberty: { type: 'string', default: 'neutral' },
    clock: { type: 'string' },
    cache: { type: 'string' },
    width: { type: 'string', default: '32' },
  },
});
const here = dirname(fileURLToPath(import.meta.url));
const cli = join(here, '../dist/cli/main.js');
const round = (x, digits = 4) => Number(x.toFixed(digits));

async function accuracy() {
  const { Softermax, scoreScale, exactSoftmax, rowError } = await import('../dist/format/index.js');
  const { Random } = await import('../dist/core/random.js');
  // Scores as attention has them, in natural units: products of random queries and keys (nearly normal), local attention
  // (a bump around the diagonal plus noise), one strong match, and causal rows with masked tails.
  const kinds = {
    'normal, std 1': r => n => Float32Array.from({ length: n }, () => r.normal()),
    'normal, std 3': r => n => Float32Array.from({ length: n }, () => 3 * r.normal()),
    local: r => n => {
      const at = r.below(n);
      const wide = r.between(1, 8);
      return Float32Array.from({ length: n }, (_, i) => 4 * Math.exp(-(((i - at) / wide) ** 2)) + r.normal());
    },
    'one match': r => n => {
      const row = Float32Array.from({ length: n }, () => 2 * r.normal());
      row[r.below(n)] += 8;
      return row;
    },
    'causal mask': r => n => {
      const seen = 1 + r.below(n);
      return Float32Array.from({ length: n }, (_, i) => (i < seen ? 2 * r.normal() : -1e9));
    },
  };
  const models = {
    '8-bit output, slices of 16': {},
    '8-bit output, slices of 32': { vector: 32 },
    '16-bit output, slices of 16': {
      ...{ output: 'ufix1.15', reciprocal: 'ufix1.12', reciprocalSegments: 16, reciprocalPlace: 6 },
      ...{ operandFraction: 15, addendFraction: 15 },
    },
  };
  const rows = [];
  const start = performance.now();
  for (const [name, options] of Object.entries(models)) {
    const model = new Softermax(options);
    const scale = scoreScale(model.parameters);
    const unit = 2 ** -model.parameters.output.fractionBits;
    for (const width of [16, 32, 64, 128, 256, 384, 512, 1024, 2048]) {
      for (const [scores, kind] of Object.entries(kinds)) {
        const draw = kind(new Random(20 + width));
        const count = Math.max(64, Math.ceil(65536 / width));
        let [max, mean, variation, total, coded, saturated] = [0, 0, 0, 0, 0, 0];
        for (let i = 0; i < count; i++) {
          const row = draw(width);
          const codes = Array.from(row, x => model.code(x, scale));
          const { sums } = model.unnormed(codes);
          if (sums.at(-1) === 65535) saturated++;
          const exact = exactSoftmax(row);
          const got = Array.from(model.row(codes), y => y * unit);
          const error = rowError(exact, got);
          const rounding = rowError(
            exact,
            exactSoftmax(codes.map(c => (c === model.masked ? -Infinity : c * scale))),
          );
          max = Math.max(max, error.max);
          mean += error.mean / count;
          variation += error.variation / count;
          total += error.total / count;
          coded += rounding.variation / count;
        }
        rows.push({
          ...{
            model: name,
            width,
            scores,
            rows: count,
            maxError: round(max),
            meanError: Number(mean.toPrecision(3)),
          },
          ...{
            massMoved: round(variation),
            massMovedByCodingScores: round(coded),
            sumOfOutputs: round(total, 3),
            saturated,
          },
        });
      }
    }
  }
  console.table(rows.filter(r => r.scores === 'normal, std 3' || r.width === 384));
  return { seconds: round((performance.now() - start) / 1000, 1), rows };
}

function network() {
  const work = mkdtempSync(join(tmpdir(), 'bitwright-bench-'));
  const rows = [];
  try {
    for (const scheme of ['8/8/-/-', '8/8/8/8', 'fp32']) {
      for (const softmax of ['exact', 'softermax', 'softermax@v32', 'softermax:fix6.2']) {
        const args = [
          'quantize',
          '--task',
          'recogniser',
          '--scheme',
          scheme,
          '--softmax',
          softmax,
          '--threads',
          '2',
        ];
        const child = spawnSync(process.execPath, [cli, ...args, '--json', '--out', work], {
          ...{ encoding: 'utf8', maxBuffer: 1 << 28 },
        });
        if (child.status !== 0) throw new Error(child.stderr);
        const result = JSON.parse(child.stdout);
        const [{ lines, linesError, characters }] = result.rows;
        rows.push({
          ...{ command: `bitwright ${args.slice(0, -2).join(' ')} --out DIR` },
          ...{
            scheme,
            softmax,
            lines: round(lines, 2),
            linesError: round(linesError, 2),
            characters: round(characters, 2),
          },
          integersCompared: result.exported.compared.softmax,
          replaced: result.softmax?.replaced.map(({ node, input, vector }) => ({ node, input, vector })),
        });
        console.log(scheme, softmax, round(lines, 2), round(characters, 2));
      }
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return { lines: 320, rows };
}

/** Both halves against their fp16 halves; entries of other libraries and widths are kept. */
function cost(before) {
  const { liberty, width, cache } = flags;
  const at = flags.clock === undefined ? [] : ['--clock', flags.clock];
  const args = ['cost', 'softermax', '--width', width, '--liberty', liberty, '--timeout', '1200'];
  const child = spawnSync(
    process.execPath,
    [cli, ...args, ...at, ...(cache === undefined ? [] : ['--cache', cache]), '--json'],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (child.status !== 0) throw new Error(child.stderr);
  const { library, clock, rows } = JSON.parse(child.stdout);
  const entry = {
    ...{ library, width: Number(width), clock },
    command: `bitwright ${args.slice(0, 4).join(' ')}${liberty === 'neutral' ? '' : ' --liberty FILE'}${['', ...at].join(' ')} --json`,
    rows: rows.map(r => ({
      ...{ unit: r.unit, area: round(r.area, 0), delay: round(r.delay, 0), met: r.met },
      ...{ energyPerOp: round(r.energyPerOp, 1), areaRatio: round(r.areaRatio, 3) },
      ...{ energyRatio: round(r.energyRatio, 3), flipFlops: round(r.flipFlops, 3) },
    })),
  };
  console.table(entry.rows);
  const others = (before?.entries ?? []).filter(e => e.library !== library || e.width !== entry.width);
  return { entries: [...others, entry] };
}

const parts = { accuracy, network, cost };
const runtime = `onnxruntime-node ${versionOf('onnxruntime-node')}`;
for (const name of flags.part === undefined ? ['accuracy', 'network'] : [flags.part]) {
  const part = { date: today(), ...(await parts[name](kept('softermax')[name])) };
  keepPart('softermax', () => ({ machine: machineLine(runtime), [name]: part }));
}
