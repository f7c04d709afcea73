// The frame of a floating-point module: header, ports, body, and implicit nets forbidden in between.

import type { RtlFile } from '../../synthesis/rtl.ts';
import type { FloatFormat } from './format.ts';

export interface FloatModule {
  /** Comment lines above the module. */
  header: readonly string[];
  operands: readonly ('a' | 'b')[];
  /** Ports `clk` and `en` come first. Default false. */
  clocked?: boolean;
  body: readonly string[];
}

/** Module `name` of patterns of `format`: operands in, one pattern `y` out. */
export function floatModule(format: FloatFormat, name: string, parts: FloatModule): RtlFile {
  const range = `[${format.bits - 1}:0]`;
  const text = [
    ...parts.header,
    '`default_nettype none',
    '',
    `module ${name} (`,
    ...(parts.clocked === true ? ['  input  wire clk,', '  input  wire en,'] : []),
    ...parts.operands.map(operand => `  input  wire ${range} ${operand},`),
    `  output wire ${range} y`,
    ');',
    ...parts.body,
    'endmodule',
    '',
    '`default_nettype wire',
    '',
  ].join('\n');
  return { name: `${name}.v`, text };
}
