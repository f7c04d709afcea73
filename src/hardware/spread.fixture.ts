// Units of every kind over a spread of parameters, for tests that must hold for all of them.

import type { UnitParameters } from './unit.ts';

/** Every generator at its defaults, at its smallest, and where a width, a rounding or a table takes another path. */
export const unitSpread: readonly (readonly [kind: string, parameters: UnitParameters])[] = [
  ...['4/4/4/4', '4/4/4/6', '6/8/6/-', '4/8/6/10', '8/8/-/-', '3/3/-/2', '2/2/2/2', '16/16/-/-'].map(
    format => ['vector-mac', { format }] as const,
  ),
  ...[
    { format: '4/4/4/4', scaleBits: 4 },
    { format: '4/4/4/6', scaleBits: 6, inputRegister: true },
    { format: '2/2/2/2', vector: 1, depth: 1 },
    { format: '8/8/6/6', scaleBits: 1, vector: 3 },
    { format: '4/4/4/6', fullRange: true, vector: 5 },
    { format: 'int4@v16:u4,uint4@v16:u6' },
    { format: 'uint1@v16:u1,uint1@v16:u1' },
    { format: '8/8/10/10', scaleBits: 3, vector: 2 },
  ].map(p => ['vector-mac', p] as const),
  ['ppu', {}],
  ['ppu', { format: 'int8@v16:u8' }],
  ['ppu', { format: 'uint4@v16:u4' }],
  ['ppu', { format: 'int4@v2:u4', vector: 2, inputBits: 14, multiplierBits: 3 }],
  ['ppu', { format: 'uint3@v3:u3', vector: 3, inputBits: 12, multiplierBits: 3, fraction: 1 }],
  ['ppu', { format: 'int2@v1:u2', vector: 1, inputBits: 9, multiplierBits: 2, fraction: 3 }],
  ['ppu', { format: 'uint1@v1:u2', vector: 1, inputBits: 9, multiplierBits: 1, fraction: 1 }],
  ...[1, 2, 4, 8].map(lut => ['lns-mac', { lut }] as const),
  ['lns-mac', { lanes: 1 }],
  ['lns-mac', { lanes: 3, format: 'lns5g2', lut: 2 }],
  ['lns-mac', { lanes: 8, format: 'lns8g4', lut: 1 }],
  ['lns-mac', { lanes: 2, format: 'lns4g1', lut: 1 }],
  ['lns-convert', {}],
  ['lns-convert', { format: 'lns5g2', accumulator: 10 }],
  ['lns-convert', { format: 'lns4g1', accumulator: 32 }],
  ...['fp8e4m3', 'fp8e5m2', 'fp16', 'bf16', 'fp32'].flatMap(format => [
    ['fp-mac', { format }] as const,
    ['fp-mac', { format, sum: 'tree', lanes: 4 }] as const,
    ['fp-mac', { format, lanes: 1 }] as const,
    ['fp-mac', { format, lanes: 3 }] as const,
  ]),
  ['fp-mac', { format: 'fp8e4m3', accumulate: 'fp32', lanes: 2 }],
  ['fp-mac', { format: 'fp16', accumulate: 'fp16', lanes: 2 }],
  ['sparsity-detector', {}],
  ['sparsity-detector', { lanes: 1, bits: 1, countBits: 1 }],
  ['sparsity-detector', { lanes: 3, bits: 5, countBits: 20 }],
  ['label-table', {}],
  ['label-table', { addressBits: 1 }],
  ['channel-walk', {}],
  ['channel-walk', { width: 2, indexBits: 2, addressBits: 4 }],
  ['channel-walk', { width: 16, indexBits: 12, addressBits: 8 }],
  ...[1, 8, 32].flatMap(vector => [
    ['softermax-unnormed', { vector }] as const,
    ['softermax-normal', { vector }] as const,
  ]),
  ['softermax-unnormed', { vector: 3, input: 'fix4.0' }],
  ['softermax-normal', { vector: 3, input: 'fix4.0' }],
  ['softermax-unnormed', { vector: 3, input: 'fix8.4', powerSegments: 2, unnormed: 'ufix1.11' }],
  ['softermax-normal', { vector: 2, reciprocalSegments: 1, reciprocalPlace: 0 }],
  ['ppu', { format: 'int6@v1:u2', vector: 1, inputBits: 12, multiplierBits: 16 }],
  ...[1, 3, 16].flatMap(vector => [
    ['softmax-unnormed-fp16', { vector }] as const,
    ['softmax-normal-fp16', { vector }] as const,
  ]),
];

/** Small units of every kind, and an edit of their RTL that their test bench must notice. */
export const smallUnits: readonly (readonly [
  kind: string,
  parameters: UnitParameters,
  from: string,
  to: string,
])[] = [
  ['vector-mac', { format: '3/3/2/2', vector: 2, depth: 4 }, "acc_fresh <= 1'b1", "acc_fresh <= 1'b0"],
  [
    'ppu',
    { format: 'int4@v2:u4', vector: 2, inputBits: 14, multiplierBits: 3 },
    'inexact | floor[0]',
    'inexact & floor[0]',
  ],
  ['lns-mac', { lanes: 2, lut: 2 }, "acc_fresh <= 1'b1", "acc_fresh <= 1'b0"],
  ['lns-convert', { format: 'lns5g2', accumulator: 10 }, 'low ?', '~low ?'],
  ['fp-mac', { format: 'fp8e4m3', lanes: 2 }, "acc_fresh <= 1'b1", "acc_fresh <= 1'b0"],
  ['sparsity-detector', { lanes: 4, bits: 2 }, '>= threshold_q', '> threshold_q'],
  ['label-table', { addressBits: 2 }, 'take & in_flip', 'take & ~in_flip'],
  ['channel-walk', {}, 'base + offset', 'base - offset'],
  ['softermax-unnormed', { vector: 2 }, "held_last ? 16'd0 : limited", "held_last ? limited : 16'd0"],
  ['softermax-normal', { vector: 2 }, "+ 21'h400", "+ 21'h0"],
  ['softmax-unnormed-fp16', { vector: 2 }, 'last_1 <= last_0', 'last_1 <= in_last'],
  ['softmax-normal-fp16', { vector: 2 }, 'held_y <= quotients', 'held_y <= ~quotients'],
];
