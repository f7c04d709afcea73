// What both halves of the fp16 softmax share, which the Softermax units are measured against: the same halves with the same
// lanes a cycle, everything in fp16, as the paper's baseline.
// Pipelined by default (baseline-pipelined.ts); with `pipeline` false each half has one register stage, as the Softermax units
// have, and needs a clock three to five times slower.
// Refuses a `pipeline` that is neither.

import { UsageError } from '../../core/errors.ts';
import { floatFormat } from '../float/index.ts';
import { lanes, type Module, type Net, net, tree } from '../rtl/index.ts';
import type { UnitParameters } from '../unit.ts';

export const fp16 = floatFormat('fp16');
export const sign = 0x8000;
export const one = 0x3c00;
/** Below every other pattern in the order of `floatMax`. */
export const lowest = 0xffff;

export const field = (name: string, lanes: number, bits = 16) => ({ name, lanes, bits, signed: false });

/** An instance of a two-operand module as a wire. */
export function pair(module: string): (m: Module, name: string, a: Net, b: Net) => Net {
  return (m, name, a, b) => {
    const y = m.declare(name, net('', 16));
    m.instance(module, `u_${name}`, { a: a.text, b: b.text, y: name });
    return y;
  };
}

/**
 * Maximum of the row that comes next, kept while its slices arrive. @returns it with the present slice, and what its register
 * takes at a clock edge when `load` says that a slice arrives
 */
export function nextMaximum(
  m: Module,
  scores: Net,
  vector: number,
): { maximum: Net; update: (load: string) => string[] } {
  m.comment('maximum of the next row');
  const a = lanes(m, 'a', scores, vector, 16, 0, 0xffff);
  const top = tree(m, 'top', a, pair('fp16_max'));
  const next = m.reg('next_maximum', net('', 16));
  const maximum = pair('fp16_max')(m, 'maximum', top, next);
  const low = `16'h${lowest.toString(16)}`;
  const update = (load: string): string[] => [
    `if (rst) next_maximum <= ${low};`,
    `else if (${load}) next_maximum <= in_last ? ${low} : ${maximum.text};`,
  ];
  return { maximum, update };
}

/** The register of the maximum of this row, and the same with its sign changed. `ends` says that `maximum` is of a whole row. */
export function rowMaximum(m: Module, maximum: string, ends: string): Net {
  const row = m.reg('row_maximum', net('', 16));
  m.always(["if (rst) row_maximum <= 16'd0;", `else if (${ends}) row_maximum <= ${maximum};`]);
  return m.wire('negated', net(`{~${row.text}[15], ${row.text}[14:0]}`, 16));
}

/** The parameter `pipeline`, and the others. @throws UsageError */
export function pipelineOf(parameters: UnitParameters): { pipeline: boolean; rest: UnitParameters } {
  const { pipeline = true, ...rest } = parameters;
  if (pipeline === true || pipeline === 'true') return { pipeline: true, rest };
  if (pipeline === false || pipeline === 'false') return { pipeline: false, rest };
  throw new UsageError(`pipeline '${pipeline}'`, { expected: 'true or false' });
}
