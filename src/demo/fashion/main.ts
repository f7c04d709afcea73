// `npm run train:fashion`: trains the fashion network and writes assets/fashion-cnn.onnx (or the path given).

import { writeFileAtomic } from '../../core/files.ts';
import { terminalProgress } from '../../core/progress.ts';
import { exportFashion } from './export.ts';
import { fashionModel } from './task.ts';
import { trainFashion } from './train.ts';

const path = process.argv[2] ?? fashionModel;
const { network, losses, accuracy, steps, seconds } = trainFashion({ progress: terminalProgress() });
writeFileAtomic(path, exportFashion(network));
process.stdout.write(
  `${steps} steps, ${seconds.toFixed(0)} s, loss ${losses.map(l => l.toFixed(3)).join(' ')}, ` +
    `training accuracy ${accuracy.toFixed(1)} %, written to ${path}\n`,
);
