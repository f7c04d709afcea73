// Puts the guess together: clock, resets with their level, channels, and what remains.
// Names propose, the circuit decides: the level of a reset is the one under which more registers settle.

import type { Design } from '../design.ts';
import type { Interface } from '../interface.ts';
import { unknown } from '../ternary.ts';
import { findChannels, type PortShape } from './channels.ts';
import type { Convention } from './conventions.ts';
import type { ClockFacts } from './flip-flops.ts';
import { stateAfterReset } from './reset.ts';

const resetName =
  /^(?:[a-z0-9]+_)*(?:i_)?(?:n_?)?a?(?:sync_?)?(?:rst|reset)(?:_?[nb])?(?:_?[pn])?(?:_i|_in|_ni|n_i)?$/i;
const clockName = /^(?:[a-z0-9]+_)*(?:i_)?a?(?:clk|clock)(?:_i|_in)?$/i;

/** Whether a reset's name says active low: rst_n, aresetn, nreset, rst_ni, resetb. */
function lowByName(name: string): boolean {
  return /(?:(?:rst|reset)_?(?:n|b)(?:i|_i|_in)?|_ni|^n_?(?:rst|reset).*)$/i.test(name);
}

export interface GuessOptions {
  conventions?: readonly Convention[] | undefined;
  /** Names of the clock and the resets, when a configuration gives them; an empty list: no reset. */
  clock?: string | undefined;
  resets?: readonly { port: string; active?: 0 | 1 | undefined }[] | undefined;
}

export function guessInterface(
  design: Design,
  clocks: ClockFacts,
  portOrder: readonly string[],
  options: GuessOptions = {},
): Interface {
  const shapes: PortShape[] = design.ports.map(p => ({
    name: p.name,
    direction: p.direction,
    width: p.bits.length,
  }));
  const rank = new Map(portOrder.map((name, i) => [name, i]));
  shapes.sort((a, b) => (rank.get(a.name) ?? 1e9) - (rank.get(b.name) ?? 1e9));
  const clock = options.clock ?? clocks.clock;
  const pins = shapes.filter(p => p.direction === 'in' && p.width === 1 && p.name !== clock);
  const resets: Interface['resets'] = findResets(design, clocks, pins, options.resets);
  const special = new Set([clock, ...resets.map(r => r.port)]);
  const { channels, rest } = findChannels(
    shapes.filter(p => !special.has(p.name)),
    options.conventions,
  );
  return {
    clock:
      clock ??
      (rest.some(p => clockName.test(p.name)) ? rest.find(p => clockName.test(p.name))!.name : undefined),
    clockEdge: clocks.edge,
    resets,
    channels,
    freeInputs: rest
      .filter(p => p.direction === 'in' && !(p.width === 1 && clockName.test(p.name)))
      .map(p => ({ port: p.name, rule: { kind: 'free' } as const })),
    otherOutputs: rest.filter(p => p.direction === 'out').map(p => ({ port: p.name, observed: true })),
  };
}

function findResets(
  design: Design,
  clocks: ClockFacts,
  pins: readonly PortShape[],
  given: GuessOptions['resets'],
): Interface['resets'] {
  const asynchronous = new Map(clocks.asynchronous.map(r => [r.port, r.active]));
  const names =
    given?.map(r => r.port) ??
    pins.filter(p => asynchronous.has(p.name) || resetName.test(p.name)).map(p => p.name);
  return names.map(port => {
    const kind = asynchronous.has(port) ? ('asynchronous' as const) : ('synchronous' as const);
    const asked = given?.find(r => r.port === port)?.active ?? asynchronous.get(port);
    if (asked !== undefined) return { port, active: asked, kind };
    const byName = lowByName(port) ? 0 : 1;
    const settled = ([0, 1] as const).map(active =>
      stateAfterReset(design, [{ port, active }]).reduce((sum, x) => sum + (x === unknown ? 0 : 1), 0),
    );
    const active = settled[0] === settled[1] ? byName : settled[0]! > settled[1]! ? 0 : 1;
    return { port, active, kind };
  });
}
