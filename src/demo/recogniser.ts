// The recogniser task: PP-OCRv4's text recogniser on lines of our own words, answers compared letter by letter.

import { greedyDecode, readAlphabet } from './ctc.ts';
import { checkSizes } from './options.ts';
import { ocrModelFile } from './packages.ts';
import type { Picture, Wear } from './picture.ts';
import { type Batch, outputNamed, type SetOptions, type Task } from './task.ts';
import { byWidth, drawn, type Line, lineSets, writeSample } from './textset.ts';
import { stack } from './thumbnail.ts';

export interface RecogniserOptions {
  /** Seed of the texts, typefaces and drawings; default 1. */
  seed?: number | undefined;
  /** Evaluation lines; default 320. */
  evaluationSize?: number | undefined;
  /** Calibration lines; default 64. */
  calibrationSize?: number | undefined;
  wear?: Wear | undefined;
}

/** Set so that the fp32 network reads about 95 lines in 100. */
export const recogniserWear: Wear = { shear: 0.25, tilt: 0.015, blur: 1.1, noise: 16, contrast: 60 };

const HEIGHT = 48;
/** Widths are padded to a multiple of this: the network halves the width three times, and few widths mean full batches. */
const WIDTH_STEP = 32;
const BATCH = 16;
const OUTPUT = 'softmax_11.tmp_0';

export function recogniserTask(options: RecogniserOptions = {}): Task {
  const { seed = 1, evaluationSize = 320, calibrationSize = 64, wear = recogniserWear } = options;
  checkSizes({ evaluationSize, calibrationSize });
  const sets = lineSets(seed, calibrationSize, evaluationSize);
  const alphabet = readAlphabet(ocrModelFile('ppocr_keys_v1.txt'));
  const pictures = new Map<Line, Picture>();
  const picture = (line: Line): Picture => {
    let p = pictures.get(line);
    if (p === undefined) pictures.set(line, (p = drawn(line, wear)));
    return p;
  };

  async function* batches(lines: readonly Line[], set: SetOptions): AsyncIterable<Batch> {
    const wanted = lines.slice(0, set.samples ?? lines.length).map(line => {
      const p = picture(line);
      return { line, picture: p, width: Math.ceil(p.width / WIDTH_STEP) * WIDTH_STEP };
    });
    for (const group of byWidth(wanted, set.batch ?? BATCH)) {
      const width = group[0]!.width;
      const size = 3 * HEIGHT * width;
      const data = new Float32Array(group.length * size);
      group.forEach((item, i) => {
        writeSample(item.picture, data, i * size, width);
      });
      yield {
        inputs: { x: { type: 'float32', dims: [group.length, 3, HEIGHT, width], data } },
        labels: group.map(g => g.line.text),
        indices: group.map(g => g.line.index),
      };
    }
  }

  return {
    name: 'recogniser',
    title: `PP-OCRv4 text recogniser on ${evaluationSize} drawn lines`,
    model: ocrModelFile('ch_PP-OCRv4_rec_infer.onnx'),
    inputName: 'x',
    outputName: OUTPUT,
    metric: 'lines',
    calibrationSize,
    evaluationSize,
    calibration: (set = {}) => batches(sets.calibration, set),
    evaluation: (set = {}) => batches(sets.evaluation, set),
    decode(outputs) {
      const output = outputNamed(outputs, OUTPUT);
      return greedyDecode(output.data, output.dims, alphabet);
    },
    async thumbnail({ samples = 12 } = {}) {
      const shown = sets.evaluation.slice(0, samples);
      return { url: stack(shown.map(picture), 2), indices: shown.map(l => l.index) };
    },
  };
}
