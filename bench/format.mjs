// Measures the format room on one thread: encode and decode of int4@v16:u4, OCTAV, the 100-point sweep, against a plain copy
// of the same bytes in the same run, and against NumPy and PyTorch (bench/.venv, made here when Python and pip allow).
// usage: node bench/format.mjs [--no-peers] [--no-real] [--torch]
// --torch installs PyTorch into the venv too (gigabytes, since its package brings GPU libraries); otherwise it is measured
// only when it is already there.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Random } from '../dist/core/random.js';
import { ocrModelFile } from '../dist/demo/packages.js';
import { clipKernel } from '../dist/format/clip-kernel.js';
import {
  clipMagnitude,
  decode,
  encode,
  encodeReference,
  fastGroupClips,
  forEachGroup,
  geometry,
  parseFormat,
  scaleOfClip,
  squaredError,
} from '../dist/format/index.js';
import { FormatKernel, magnitudeMask } from '../dist/format/kernel.js';
import { ensureMemory } from '../dist/kernels/load.js';
import { quantizable, readModelFile, toFloat32 } from '../dist/model/index.js';
import { keep, machine, versionOf } from './keep.mjs';

const channels = 2048;
const width = 2048;
const count = channels * width;
const random = new Random(1);
const data = Float32Array.from({ length: count }, () => random.normal());
const layout = { shape: [channels, width], channelAxis: 0, reductionAxis: 1 };
const format = parseFormat('int4@v16:u4');

/** Seconds of the best of several runs: at least `runs`, and as many as fit into two seconds, so that other load matters less. */
function best(work, runs = 7) {
  let least = Number.POSITIVE_INFINITY;
  const begin = performance.now();
  for (let r = 0; r < runs || (r < 2000 && performance.now() - begin < 2000); r++) {
    const start = performance.now();
    work();
    least = Math.min(least, (performance.now() - start) / 1000);
  }
  return least;
}

const rows = [];
function row(name, seconds, bytesPerElement, elements = count) {
  const r = { name, elementsPerSecond: elements / seconds, seconds, elements };
  if (bytesPerElement > 0) r.ratioToCopy = seconds / copySeconds(bytesPerElement);
  rows.push(r);
  const ratio = r.ratioToCopy === undefined ? '' : `  ${r.ratioToCopy.toFixed(2)} x the copy of its bytes`;
  process.stdout.write(
    `${name.padEnd(58)} ${(r.elementsPerSecond / 1e6).toFixed(0).padStart(6)} M elements/s${ratio}\n`,
  );
  return r;
}
const copies = new Map();
/** Seconds to copy half of the bytes a pass touches to the other half: the same reads plus writes. */
function copySeconds(bytesPerElement) {
  if (!copies.has(bytesPerElement)) {
    const half = (count * bytesPerElement) / 2;
    const from = new Uint8Array(half).fill(1);
    const to = new Uint8Array(half);
    copies.set(
      bytesPerElement,
      best(() => to.set(from)),
    );
  }
  return copies.get(bytesPerElement);
}

// kernels on data resident in WASM memory
const kernel = new FormatKernel();
const groups = count / 16;
const [src, codes, scaleCodes, coarse, clips, effective, divisors, out, packed] = kernel.layOut(
  4 * count,
  count,
  groups,
  4 * channels,
  4 * width,
  4 * width,
  4 * width,
  4 * count,
  count / 2,
);
kernel.floats(src, count).set(data);
const encodeRows = (paper, reduction, inner) => () =>
  kernel.run.encodeTwoLevel(
    src,
    channels,
    1,
    reduction,
    inner,
    16,
    magnitudeMask(true),
    -7,
    7,
    15,
    0,
    paper,
    0,
    coarse,
    scaleCodes,
    codes,
    clips,
    effective,
    divisors,
  );
const encodeKernel = encodeRows(0, width, 1);
row('encode int4@v16:u4, strided (inner 64), kernel', best(encodeRows(0, width / 64, 64)), 5);
row('encode int4@v16:u4, paper order, kernel', best(encodeRows(1, width, 1)), 5);
const encodeRow = row('encode int4@v16:u4, kernel', best(encodeKernel), 5);
encodeKernel();
const reference = encodeReference(data, layout, format);
if (!Buffer.from(kernel.bytes(codes, count)).equals(Buffer.from(reference.codes.buffer)))
  throw new Error('kernel codes differ from the reference');
row(
  'encode int4@v16:u4 with packed nibbles, kernel',
  best(() => {
    encodeKernel();
    kernel.run.pack(codes, count, packed);
  }),
  4.5,
);
const decodeKernel = () =>
  kernel.run.decodeTwoLevel(codes, channels, 1, width, 1, 16, 1, 0, coarse, scaleCodes, out, clips);
const decodeRow = row('decode int4@v16:u4, kernel', best(decodeKernel), 5);
row(
  'encode int4@v16:u4, library call (copies included)',
  best(() => encode(data, layout, format)),
  5,
);
row(
  'decode int4@v16:u4, library call (copies included)',
  best(() => decode(reference)),
  5,
);
row(
  'encode int4@v16:u4, TypeScript reference',
  best(() => encodeReference(data, layout, format), 2),
  5,
);

const clip = clipKernel();
const clipStart = 8192;
ensureMemory(clip.memory, clipStart + 4 * count + 16 * width + 4 * groups);
new Float32Array(clip.memory.buffer, clipStart, count).set(data);
const scratch = clipStart + 4 * count;
const clipOut = scratch + 8 * (width + 64);
const constant = 1 / (12 * 49);
// Few channels at a time: runs of milliseconds, whose best is one that nothing interrupted.
const few = 64;
const octavKernel = polish => () =>
  clip.octav(clipStart, few, width, width, 1, constant, 10, polish, 512, -7, 7, scratch, clipOut);
const some = few * width;
const octavRow = row('OCTAV per channel of 2048, 10 updates, kernel', best(octavKernel(0), 100), 0, some);
octavKernel(0)();
const first = clipMagnitude(data.subarray(0, width), format.element, { method: 'octav', polish: false });
if (new Float32Array(clip.memory.buffer, clipOut, 1)[0] !== first)
  throw new Error('kernel OCTAV differs from the reference');
const polishRow = row('OCTAV per channel of 2048 with polish, kernel', best(octavKernel(1), 100), 0, some);
const sweepRow = row(
  '100-point sweep per channel of 2048, kernel',
  best(() => clip.sweep(clipStart, few, width, width, 1, -7, 7, 100, scratch, clipOut), 100),
  0,
  some,
);
const ratios = {
  octavToSweep: sweepRow.seconds / octavRow.seconds,
  polishedToSweep: sweepRow.seconds / polishRow.seconds,
};
process.stdout.write(
  `OCTAV is ${ratios.octavToSweep.toFixed(1)} x faster than the sweep, ${ratios.polishedToSweep.toFixed(1)} x with polish\n`,
);

// OCTAV against the sweep on every weight of the real networks: sets whose error is more than 1 % above the sweep's best
const realRows = [];
if (!process.argv.includes('--no-real')) {
  const files = ['ch_PP-OCRv4_rec_infer', 'ch_PP-OCRv4_det_infer', 'ch_ppocr_mobile_v2.0_cls_infer']
    .map(name => ocrModelFile(`${name}.onnx`))
    .concat(fileURLToPath(new URL('../assets/fashion-cnn.onnx', import.meta.url)));
  const weights = files.flatMap(file => {
    const graph = readModelFile(file);
    return quantizable(graph).nodes.flatMap(({ weight }) =>
      weight === undefined ? [] : [{ weight, values: toFloat32(graph.constants.get(weight.name)) }],
    );
  });
  const notations = ['int2', 'int3', 'int4', 'uint4', 'int5', 'int6', 'int8'].flatMap(e => [
    `${e}@tensor`,
    `${e}@channel`,
  ]);
  for (const notation of [...notations, 'int4@v64', 'int4@v16']) {
    const real = { notation, sets: 0, over: 0, worst: 0 };
    const seconds = { octav: 0, mse: 0 };
    for (const { weight, values } of weights) {
      const f = parseFormat(notation);
      const { shape, channelAxis, reductionAxis } = weight;
      const g = geometry({ shape, channelAxis, reductionAxis }, f);
      const clips = {};
      for (const method of ['octav', 'mse']) {
        const start = performance.now();
        clips[method] = fastGroupClips(values, g, f.element, { method });
        seconds[method] += (performance.now() - start) / 1000;
      }
      forEachGroup(values, g, (set, i) => {
        const error = c => squaredError(set, f.element, scaleOfClip(c[i], f.element));
        const least = error(clips.mse);
        const ours = error(clips.octav);
        real.sets++;
        if (ours > 1.01 * least) real.over++;
        if (least > 0) real.worst = Math.max(real.worst, ours / least);
      });
    }
    real.sweepTimes = seconds.mse / seconds.octav;
    realRows.push(real);
    process.stdout.write(
      `${notation.padEnd(14)} real weights: ${real.over} of ${real.sets} sets above 1 %, worst ${real.worst.toFixed(4)}, sweep takes ${real.sweepTimes.toFixed(1)} x as long, calls included\n`,
    );
  }
}

// peers
const peerSource = `
import sys, time, json
import numpy as np
count_c, count_r = int(sys.argv[1]), int(sys.argv[2])
which = sys.argv[3]
def best(f, runs=5):
    least = 1e9
    begin = time.perf_counter()
    while runs > 0 or time.perf_counter() - begin < 2:
        runs -= 1
        t = time.perf_counter(); f(); least = min(least, time.perf_counter() - t)
    return least
x = np.random.default_rng(1).standard_normal((count_c, count_r), dtype=np.float32)
if which == 'numpy':
    def encode(x=x):
        v = x.reshape(count_c, -1, 16)
        s = np.abs(v).max(axis=2) / np.float32(7)
        g = s.max(axis=1, keepdims=True) / np.float32(15)
        q = np.minimum(np.rint(s / g), 15).astype(np.float32)
        e = q * g
        c = np.clip(np.rint(v / np.where(e > 0, e, np.float32(np.inf))[:, :, None]), -7, 7).astype(np.int8)
        return c, q.astype(np.uint8), g
    def decode(c, q, g):
        return c.astype(np.float32) * (q.astype(np.float32) * g)[:, :, None]
    def octav(updates=10):
        a = np.abs(x); nz = a > 0; k = np.float32(1 / (12 * 49))
        s = a.sum(axis=1, keepdims=True) / np.maximum(nz.sum(axis=1, keepdims=True), 1)
        for _ in range(updates):
            o = a > s
            n = o.sum(axis=1, keepdims=True)
            s = np.where(o, a, 0).sum(axis=1, keepdims=True) / (k * (nz.sum(axis=1, keepdims=True) - n) + n)
        return s
    version = np.__version__
else:
    import torch
    torch.set_num_threads(1)
    t = torch.from_numpy(x)
    def encode():
        v = t.reshape(count_c, -1, 16)
        s = v.abs().amax(dim=2) / 7
        g = s.amax(dim=1, keepdim=True) / 15
        q = torch.clamp(torch.round(s / g), max=15)
        e = q * g
        e = torch.where(e > 0, e, torch.inf)
        c = torch.clamp(torch.round(v / e.unsqueeze(2)), -7, 7).to(torch.int8)
        return c, q.to(torch.uint8), g
    def decode(c, q, g):
        return c.float() * (q.float() * g).unsqueeze(2)
    def octav(updates=10):
        a = t.abs(); nz = (a > 0).sum(dim=1, keepdim=True); k = 1 / (12 * 49)
        s = a.sum(dim=1, keepdim=True) / nz
        for _ in range(updates):
            o = a > s
            n = o.sum(dim=1, keepdim=True)
            s = torch.where(o, a, 0).sum(dim=1, keepdim=True) / (k * (nz - n) + n)
        return s
    version = torch.__version__
parts = encode()
print(json.dumps({'version': version, 'encode': best(encode), 'decode': best(lambda: decode(*parts)), 'octav': best(octav)}))
`;

/** Peers take fewer channels, for the same reason; times are compared by element. */
const peerChannels = 128;
const elementTime = seconds => seconds / (peerChannels * width);

function peers() {
  const venv = fileURLToPath(new URL('.venv', import.meta.url));
  const python = `${venv}/bin/python`;
  const quiet = { encoding: 'utf8', timeout: 400_000 };
  if (!existsSync(python) && spawnSync('python3', ['-m', 'venv', venv], quiet).status !== 0) {
    return { skipped: 'no python3 with venv' };
  }
  const result = {};
  for (const [name, packages] of [
    ['numpy', ['numpy']],
    ['torch', ['numpy', 'torch']],
  ]) {
    const have = spawnSync(python, ['-c', `import ${name}`], quiet).status === 0;
    if (!have && name === 'torch' && !process.argv.includes('--torch')) {
      result[name] = { skipped: 'not installed; --torch installs it' };
      continue;
    }
    if (!have) {
      const install = spawnSync(python, ['-m', 'pip', 'install', '-q', ...packages], quiet);
      if (install.status !== 0) {
        result[name] = { skipped: 'pip could not install it' };
        continue;
      }
    }
    const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
    const run = spawnSync(python, ['-c', peerSource, `${peerChannels}`, `${width}`, name], { ...quiet, env });
    if (run.status !== 0) {
      result[name] = { skipped: run.stderr.trim().split('\n').at(-1) };
      continue;
    }
    const seconds = JSON.parse(run.stdout);
    result[name] = {
      version: seconds.version,
      seconds: { encode: seconds.encode, decode: seconds.decode, octav: seconds.octav },
      slowerBy: {
        encode: elementTime(seconds.encode) / (1 / encodeRow.elementsPerSecond),
        decode: elementTime(seconds.decode) / (1 / decodeRow.elementsPerSecond),
        octav: elementTime(seconds.octav) / (1 / octavRow.elementsPerSecond),
      },
    };
    const { slowerBy } = result[name];
    process.stdout.write(
      `${name} ${seconds.version}, one thread: encode ${slowerBy.encode.toFixed(1)} x, decode ${slowerBy.decode.toFixed(1)} x, OCTAV ${slowerBy.octav.toFixed(1)} x our time\n`,
    );
  }
  return result;
}

const peerResult = process.argv.includes('--no-peers') ? { skipped: 'by --no-peers' } : peers();
for (const [name, p] of Object.entries(peerResult))
  if (p.skipped) process.stdout.write(`${name} skipped: ${p.skipped}\n`);
keep('format', {
  date: new Date().toISOString(),
  version: versionOf(),
  machine: machine(),
  tensor: layout.shape,
  loadAverage: loadavg()[0],
  threads: 1,
  rows,
  ratios,
  real: realRows,
  peers: peerResult,
});
