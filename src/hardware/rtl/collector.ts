// The accumulation collector that ends a MAC: one register, added to until `last`, then offered and started afresh.
// Refuses to know the arithmetic: the caller gives the zero, the next value and the reading of the register.

import type { Module } from './module.ts';
import { type Net, net } from './net.ts';

export interface Collector {
  /** Valid and last of the partial sum that comes in. */
  valid: Net;
  last: Net;
  /** Declared net to be driven: ready towards the stage before. */
  ready: Net;
  /** Ready of the output channel. */
  outReady: Net;
  /** Width and sign of the register. */
  sum: Net;
  /** The sum so far (zero when a new one begins) to the next register value. */
  next(base: Net): Net;
}

/** @returns valid of the output and the register `acc_q` */
export function collector(m: Module, c: Collector): { valid: Net; sum: Net } {
  const one = net('', 1);
  const sum = m.reg('acc_q', c.sum);
  const full = m.reg('acc_full', one);
  const fresh = m.reg('acc_fresh', one);
  m.assign(c.ready, { ...one, text: `~${full.text} | ${c.outReady.text}` });
  const load = m.wire('acc_load', { ...one, text: `${c.valid.text} & ${c.ready.text}` });
  const zero = `${sum.width}'${sum.signed ? 's' : ''}d0`;
  const base = m.wire('acc_base', { ...sum, text: `${fresh.text} ? ${zero} : ${sum.text}` });
  const next = c.next(base);
  m.always([
    'if (rst) begin',
    "  acc_full <= 1'b0;",
    "  acc_fresh <= 1'b1;",
    'end else begin',
    `  if (${c.ready.text}) acc_full <= ${load.text} & ${c.last.text};`,
    `  if (${load.text}) acc_fresh <= ${c.last.text};`,
    'end',
    `if (${load.text}) acc_q <= ${next.text};`,
  ]);
  return { valid: full, sum };
}
