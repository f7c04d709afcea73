// A report with every kind of block, made of fixed numbers, for the golden files and for looking at.

import { markDifferences } from './differences.ts';
import type { Report } from './model.ts';

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=';

const line =
  'data:image/svg+xml;base64,' +
  Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="420" height="44"><rect width="420" height="44" fill="#f4f1ea"/><text x="10" y="31" font-family="serif" font-size="27">invoice 2041 paid in full</text></svg>',
  ).toString('base64');

export const sampleReport: Report = {
  title: 'Text recogniser in 4 bits',
  subtitle: 'ch_PP-OCRv4_rec_infer.onnx, 320 evaluation lines',
  summary: [
    'Per-vector integer scales keep ',
    { text: '94.1 % of the lines', style: 'strong' },
    ' right at 4.4 effective bits; a single scale a tensor keeps none.',
  ],
  facts: [
    ['command', 'bitwright demo --seed 1'],
    ['version', '0.1.0'],
    ['seed', '1'],
  ],
  sections: [
    {
      title: 'Accuracy by scheme',
      blocks: [
        {
          kind: 'figures',
          items: [
            {
              label: 'Lines right, 4 bits',
              value: 94.1,
              error: 1.3,
              unit: '%',
              note: 'int4@v16:u4',
              tone: 'good',
            },
            { label: 'Effective bits', value: 4.38, digits: 2 },
            { label: 'Model size', value: 2.31, unit: 'MB', note: 'fp32: 10.8 MB' },
            { label: 'Slowest layer', value: -3.2, unit: 'dB' },
          ],
        },
        {
          kind: 'table',
          title: 'Schemes',
          columns: [
            { key: 'scheme', label: 'scheme' },
            { key: 'lines', label: 'lines', unit: '%', digits: 1, best: 'max' },
            { key: 'characters', label: 'characters', unit: '%', digits: 1, best: 'max' },
            { key: 'bits', label: 'effective bits', digits: 2, bar: true },
          ],
          rows: [
            {
              scheme: 'fp32',
              lines: { value: 95.7, error: 1.1, best: false },
              characters: { value: 99.4, best: false },
              bits: 32,
            },
            { scheme: 'int8@tensor', lines: { value: 0, error: 0, tone: 'bad' }, characters: 4.2, bits: 8 },
            {
              scheme: 'int4@channel',
              lines: { value: 0, error: 0, tone: 'bad' },
              characters: 11.9,
              bits: 4.06,
            },
            { scheme: 'int4@v16:u4', lines: { value: 94.1, error: 1.3 }, characters: 99.1, bits: 4.38 },
            { scheme: 'int4@v8', lines: { value: 82, error: 2.2 }, characters: 97.6, bits: null },
          ],
          emphasis: [3],
          caption:
            'Lines and characters over all 320 lines, ± one standard error. First and last layer: int8.',
        },
        {
          kind: 'bars',
          title: 'Lines right',
          axis: { label: 'lines right', unit: '%', min: 0, max: 100, digits: 1 },
          categories: ['fp32', 'int8@tensor', 'int4@channel', 'int4@v16:u4', 'int4@v8'],
          series: [{ name: 'lines', values: [95.7, 0, 0, 94.1, 82], errors: [1.1, 0, 0, 1.3, 2.2] }],
          references: [{ value: 93, label: 'goal 93' }],
          emphasis: [3],
          caption: '± one standard error.',
        },
        {
          kind: 'bars',
          title: 'Lines and characters',
          axis: { label: 'right', unit: '%', min: 0, digits: 1 },
          categories: ['fp32', 'int4@v16:u4', 'int4@v8'],
          series: [
            { name: 'lines', values: [95.7, 94.1, 82] },
            { name: 'characters', values: [99.4, 99.1, 97.6] },
          ],
        },
      ],
    },
    {
      title: 'Cost and accuracy',
      blocks: [
        {
          kind: 'xy',
          title: 'Energy an operation against accuracy',
          x: { label: 'energy', unit: 'pJ', scale: 'log' },
          y: { label: 'lines right', unit: '%' },
          series: [
            {
              name: 'per vector',
              mode: 'scatter',
              points: [
                { x: 0.021, y: 94.1, yError: 1.3, label: '4/4/4/6' },
                { x: 0.03, y: 95, yError: 1.2, label: '4/8/4/8' },
                { x: 0.034, y: 94.4, yError: 1.2, label: '4/8/6/8' },
                { x: 0.08, y: 95.6, yError: 1.1, label: '8/8/6/-' },
              ],
            },
            {
              name: 'per channel',
              mode: 'scatter',
              points: [
                { x: 0.019, y: 61, label: '4/8/-/-' },
                { x: 0.07, y: 93, yError: 1.4, label: '8/8/-/-' },
              ],
            },
          ],
          pareto: { x: 'min', y: 'max' },
          yReferences: [{ value: 95.7, label: 'fp32' }],
        },
        {
          kind: 'xy',
          title: 'Loss by epoch',
          x: { label: 'epoch' },
          y: { label: 'loss', scale: 'log' },
          series: ['fp32', 'LNS-Madam', 'QAT'].map((name, s) => ({
            name,
            mode: 'line' as const,
            points: Array.from({ length: 20 }, (_, i) => ({
              x: i + 1,
              y: 2.3 * Math.exp(-i / (4 + s)) + 0.01 * (s + 1),
            })),
          })),
        },
      ],
    },
    {
      title: 'Layers',
      blocks: [
        {
          kind: 'histogram',
          title: 'Weights of Conv_12',
          axis: { label: 'weight' },
          min: -1,
          max: 1,
          counts: Array.from({ length: 64 }, (_, i) => Math.round(4000 * Math.exp(-(((i - 31.5) / 9) ** 2)))),
          countScale: 'log',
          markers: [
            { value: -0.52, label: 'clip −0.52' },
            { value: 0.52, label: 'clip 0.52' },
          ],
        },
        {
          kind: 'strips',
          title: 'SQNR by layer',
          itemLabel: 'layer',
          items: Array.from({ length: 60 }, (_, i) => ({
            label: `/backbone/blocks.${i >> 1}/conv_${i}/Conv`,
            ...(i % 17 === 0 ? { tone: 'warn' as const, note: 'depthwise' } : {}),
          })),
          measures: [
            {
              label: 'SQNR',
              unit: 'dB',
              digits: 1,
              values: Array.from({ length: 60 }, (_, i) => 24 + 6 * Math.sin(i * 1.7)),
              reference: { value: 20, label: '20 dB' },
            },
            {
              label: 'sensitivity',
              digits: 3,
              values: Array.from({ length: 60 }, (_, i) => (i === 7 ? null : 0.1 / (1 + (i % 9)))),
            },
          ],
        },
        {
          kind: 'strips',
          title: 'A short list',
          itemLabel: 'tensor',
          items: [{ label: 'weights' }, { label: 'activations', note: 'dynamic' }],
          measures: [{ label: 'SQNR', unit: 'dB', digits: 1, values: [27.1, 21.4] }],
        },
        {
          kind: 'heat',
          title: 'Full adders by rank and bit',
          rows: 6,
          columns: 16,
          values: Array.from({ length: 96 }, (_, i) => Math.max(0, 12 - Math.abs((i % 16) - 8) - (i >> 4))),
          xLabel: 'bit position',
          yLabel: 'rank',
          valueLabel: 'full adders',
        },
      ],
    },
    {
      title: 'Lines where schemes differ',
      blocks: [
        {
          kind: 'images',
          rows: [
            {
              image: line,
              alt: 'a drawn line that reads: invoice 2041 paid in full',
              lines: [
                { label: 'truth', text: 'invoice 2041 paid in full' },
                {
                  label: 'int4@v16:u4',
                  text: markDifferences('invoice 2041 paid in full', 'invoice 2041 paid in full'),
                },
                {
                  label: 'int4@channel',
                  text: markDifferences('invoice 2041 paid in full', 'invoce 2O41 paid iin fu'),
                },
              ],
            },
            { image: `data:image/png;base64,${pixel}`, alt: 'a dot', lines: [{ label: 'truth', text: '' }] },
            { image: 'https://example.org/x.png', alt: 'refused', lines: [] },
          ],
        },
      ],
    },
    {
      title: 'Checks',
      blocks: [
        {
          kind: 'warning',
          text: [
            'Node ',
            { text: '/decoder/Loop_3', style: 'code' },
            ' stays in floating point: control flow.',
          ],
        },
        { kind: 'warning', level: 'note', text: 'Scales are rounded up.' },
        { kind: 'warning', level: 'error', text: 'One property was refuted.' },
        {
          kind: 'checks',
          suite: 'mac-unit',
          cases: [
            { name: 'output equals the golden model', status: 'passed', seconds: 0.42 },
            {
              name: 'ignores invalid data',
              status: 'failed',
              seconds: 1.5,
              message: 'differs at cycle 3',
              details: 'cycle 3: out=5\nexpected 4 <&>',
            },
            { name: 'cannot deadlock', status: 'unknown', seconds: 30 },
          ],
        },
        { kind: 'preformatted', title: 'Reproduce', text: 'bitwright demo --seed 1 --out runs/demo' },
        {
          kind: 'paragraph',
          text: [
            'See ',
            { text: 'the notation', href: 'https://example.org/notation' },
            ' and ',
            { text: 'not this', href: 'javascript:alert(1)' },
            '.',
          ],
        },
      ],
    },
  ],
};

/** The same few blocks under names a hostile file could carry. */
export const hostileText = '<script>alert(1)</script>"\' onload=x \u001b[31m\u0000\u202e\ud800 ]]> & 日本語';

/** One table, one chart and the checks of the sample: small enough for a golden page. */
export const smallReport: Report = {
  ...sampleReport,
  sections: [
    {
      title: 'Accuracy by scheme',
      blocks: sampleReport.sections[0]!.blocks.slice(0, 3),
    },
    sampleReport.sections[4]!,
  ],
};
