// Latency-insensitive pipeline pieces: a register stage that lets bubbles close, and a two-entry buffer that cuts the
// ready path. Refuses to compute anything.

import type { RtlFile } from '../../synthesis/rtl.ts';
import { Module } from './module.ts';
import { type Net, net } from './net.ts';

export interface Stage {
  /** Name of the stage: NAME_valid and NAME_ready are its handshake. */
  name: string;
  /** Valid of what comes in. */
  valid: Net;
  /** Ready of what comes after, which may be declared later in the module. */
  ready: Net;
  /** Registers loaded when a transaction enters: name, value, and an optional further condition. */
  registers: readonly { name: string; value: Net; when?: Net | undefined }[];
}

/**
 * One pipeline stage. Its registers load only when a valid transaction enters, so a bubble switches nothing.
 * @returns the stage's valid, its ready (to hand to the stage before), and the registers
 */
export function stage(
  m: Module,
  { name, valid, ready, registers }: Stage,
): { valid: Net; ready: Net; out: Net[] } {
  const full = m.reg(`${name}_valid`, net('', 1));
  const open = m.wire(`${name}_ready`, net(`~${full.text} | ${ready.text}`, 1));
  const load = m.wire(`${name}_load`, net(`${valid.text} & ${open.text}`, 1));
  const out = registers.map(r => m.reg(r.name, r.value));
  m.always([
    `if (rst) ${full.text} <= 1'b0;`,
    `else if (${open.text}) ${full.text} <= ${valid.text};`,
    ...registers.map(r => {
      const condition = r.when === undefined ? load.text : `${load.text} & ${r.when.text}`;
      return `if (${condition}) ${r.name} <= ${r.value.text};`;
    }),
  ]);
  return { valid: full, ready: open, out };
}

/** Module `NAME`: a two-entry buffer of `width` bits whose ready and valid both come from registers. */
export function skidBuffer(name: string, width: number): RtlFile {
  const m = new Module(name, [
    `Two-entry valid/ready buffer, ${width} bits: no combinational path from out to in.`,
  ]);
  m.clock();
  m.input('in_valid');
  m.output('in_ready');
  m.input('in_data', width);
  m.output('out_valid');
  m.input('out_ready');
  m.output('out_data', width);
  const payload = net('', width);
  m.reg('main', payload);
  m.reg('spare', payload);
  m.reg('main_full', net('', 1));
  m.reg('spare_full', net('', 1));
  m.raw(
    'assign in_ready = ~spare_full;',
    'assign out_valid = main_full;',
    'assign out_data = main;',
    'wire take = in_valid & ~spare_full;',
    'wire move = ~main_full | out_ready;',
  );
  m.always([
    'if (rst) begin',
    "  main_full <= 1'b0;",
    "  spare_full <= 1'b0;",
    'end else begin',
    '  if (move) main_full <= take | spare_full;',
    '  spare_full <= (spare_full | take) & ~move;',
    'end',
    'if (move) main <= spare_full ? spare : in_data;',
    'if (take & ~move) spare <= in_data;',
  ]);
  return m.file();
}
