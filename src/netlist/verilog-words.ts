// The words of Verilog: those this reader reads, those it refuses, and those no plain identifier may be.

import type { VerilogTokens } from './verilog-tokens.ts';
import { gateTypes } from './verilog-tree.ts';

export const netTypes = new Set(['wire', 'reg', 'tri', 'logic', 'supply0', 'supply1']);
/** Words that begin something this reader does not read. */
export const refusedWords = new Set(
  `always_comb always_ff always_latch begin bind bufif0 bufif1 case casex casez class cmos deassign defparam disable else
  event for force forever fork function generate genvar if import inout int integer interface join localparam macromodule
  nmos notif0 notif1 package parameter pmos posedge primitive property pulldown pullup rcmos real realtime release repeat
  rnmos rpmos rtran specify specparam struct table task time tran tri0 tri1 triand trior trireg typedef union wait wand
  while wor`.split(/\s+/),
);
export const structuralWords =
  'module, ports, wires, gates, assign, instances, always @(posedge clock) q <= d';
const reserved = new Set([...refusedWords, ...netTypes, ...gateTypes]);
for (const word of 'module endmodule input output assign always initial signed end negedge endcase'.split(
  ' ',
)) {
  reserved.add(word);
}

/** Words no plain identifier may be. */
export const verilogKeywords: ReadonlySet<string> = reserved;

/** Fails at the current token, which is no structural Verilog. */
export function refuse(tokens: VerilogTokens): never {
  return tokens.fail(`'${tokens.text}' is not structural Verilog`, structuralWords);
}
