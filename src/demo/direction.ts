// The direction task: PP-OCR's classifier on drawn lines, half of them turned by 180 degrees; the turn is the label.

import { Random } from '../core/random.ts';
import { topClasses } from './classes.ts';
import { checkSizes } from './options.ts';
import { ocrModelFile } from './packages.ts';
import type { Picture, Wear } from './picture.ts';
import { recogniserWear } from './recogniser.ts';
import { type Batch, outputNamed, type SetOptions, type Task } from './task.ts';
import { drawn, type Line, lineSets, writeSample } from './textset.ts';
import { stack } from './thumbnail.ts';

export interface DirectionOptions {
  /** Seed of the texts, typefaces, drawings and turns; default 1. */
  seed?: number | undefined;
  /** Evaluation lines; default 400. */
  evaluationSize?: number | undefined;
  /** Calibration lines; default 64. */
  calibrationSize?: number | undefined;
  wear?: Wear | undefined;
}

const CLASSES = ['0', '180'] as const;
const HEIGHT = 48;
const WIDTH = 192;
const BATCH = 16;
const OUTPUT = 'softmax_0.tmp_0';

interface Turned {
  line: Line;
  turned: boolean;
}

export function directionTask(options: DirectionOptions = {}): Task {
  const { seed = 1, evaluationSize = 400, calibrationSize = 64, wear = recogniserWear } = options;
  checkSizes({ evaluationSize, calibrationSize });
  const random = new Random(seed).fork();
  const sets = lineSets(random.uint32(), calibrationSize, evaluationSize);
  const turnHalf = (lines: readonly Line[]): Turned[] => {
    const turns = random.shuffle(lines.map((_, i) => i % 2 === 1));
    return lines.map((line, i) => ({ line, turned: turns[i]! }));
  };
  const evaluation = turnHalf(sets.evaluation);
  const calibration = turnHalf(sets.calibration);
  const pictures = new Map<Line, Picture>();
  const picture = ({ line, turned }: Turned): Picture => {
    let p = pictures.get(line);
    if (p === undefined) {
      p = squeeze(drawn(line, wear), WIDTH);
      if (turned) turnInPlace(p);
      pictures.set(line, p);
    }
    return p;
  };

  async function* batches(lines: readonly Turned[], set: SetOptions): AsyncIterable<Batch> {
    const wanted = lines.slice(0, set.samples ?? lines.length);
    const most = set.batch ?? BATCH;
    const size = 3 * HEIGHT * WIDTH;
    for (let at = 0; at < wanted.length; at += most) {
      const group = wanted.slice(at, at + most);
      const data = new Float32Array(group.length * size);
      group.forEach((item, i) => {
        writeSample(picture(item), data, i * size, WIDTH);
      });
      yield {
        inputs: { x: { type: 'float32', dims: [group.length, 3, HEIGHT, WIDTH], data } },
        labels: group.map(g => CLASSES[g.turned ? 1 : 0]),
        indices: group.map(g => g.line.index),
      };
    }
  }

  return {
    name: 'direction',
    title: `PP-OCR direction classifier on ${evaluationSize} drawn lines, half of them upside down`,
    model: ocrModelFile('ch_ppocr_mobile_v2.0_cls_infer.onnx'),
    inputName: 'x',
    outputName: OUTPUT,
    metric: 'top1',
    classes: CLASSES,
    calibrationSize,
    evaluationSize,
    calibration: (set = {}) => batches(calibration, set),
    evaluation: (set = {}) => batches(evaluation, set),
    decode: outputs => topClasses(outputNamed(outputs, OUTPUT), CLASSES),
    async thumbnail({ samples = 12 } = {}) {
      const shown = evaluation.slice(0, samples);
      return { url: stack(shown.map(picture), 4), indices: shown.map(s => s.line.index) };
    },
  };
}

/** Turns a picture by 180 degrees. */
export function turnInPlace(picture: Picture): void {
  const { pixels } = picture;
  for (let i = 0, j = pixels.length - 3; i < j; i += 3, j -= 3) {
    for (let c = 0; c < 3; c++) {
      const t = pixels[i + c]!;
      pixels[i + c] = pixels[j + c]!;
      pixels[j + c] = t;
    }
  }
}

/** Narrows a picture to at most `most` columns by averaging; narrower ones stay as they are. */
export function squeeze(picture: Picture, most: number): Picture {
  if (picture.width <= most) return picture;
  const { width, height } = picture;
  const scale = width / most;
  const pixels = new Uint8Array(3 * most * height);
  for (let x = 0; x < most; x++) {
    const from = x * scale;
    const to = (x + 1) * scale;
    for (let y = 0; y < height; y++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let s = Math.floor(from); s < to && s < width; s++) {
          const share = Math.min(s + 1, to) - Math.max(s, from);
          sum += share * picture.pixels[3 * (y * width + s) + c]!;
        }
        pixels[3 * (y * most + x) + c] = Math.min(255, Math.round(sum / scale));
      }
    }
  }
  return { width: most, height, pixels };
}
