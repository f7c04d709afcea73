// What the flip-flops of an elaborated design are clocked and reset by, from Yosys' word-level JSON.
// Refuses two clocks, two edges, and clocks made inside the design: one step of the graph is one cycle of one clock.

import { InputError } from '../../core/errors.ts';
import { type Place, placeOfSource } from '../../synthesis/complaints.ts';

export interface JsonModule {
  attributes: Record<string, string>;
  ports: Record<string, { direction: string; bits: (number | string)[] }>;
  cells: Record<
    string,
    {
      type: string;
      parameters: Record<string, string>;
      attributes: Record<string, string>;
      connections: Record<string, (number | string)[]>;
    }
  >;
  memories?: Record<string, { width: number; size: number; attributes?: Record<string, string> }>;
  netnames: Record<
    string,
    { bits: (number | string)[]; hide_name: number; attributes: Record<string, string> }
  >;
}

export interface ClockFacts {
  /** Port that clocks every flip-flop; undefined for designs without state. */
  clock: string | undefined;
  edge: 'rising' | 'falling';
  /** Input ports wired to asynchronous resets, with the level that resets. */
  asynchronous: { port: string; active: 0 | 1 }[];
}

export function clockFacts(module: JsonModule): ClockFacts {
  const inputs = new Map<number | string, string>();
  for (const [name, port] of Object.entries(module.ports)) {
    if (port.direction === 'input') {
      port.bits.forEach((bit, i) => {
        inputs.set(bit, port.bits.length === 1 ? name : `${name}[${i}]`);
      });
    }
  }
  const names = netNames(module);
  const register = (q: (number | string)[] | undefined): string => names.get(q?.[0] ?? '') ?? 'a register';
  let first: { port: string; edge: 'rising' | 'falling'; register: string } | undefined;
  const asynchronous = new Map<string, 0 | 1>();
  for (const cell of Object.values(module.cells)) {
    const { type, connections, parameters } = cell;
    const where = placeOfSource(cell.attributes['src']);
    if (/^\$(dlatch|adlatch|dlatchsr|sr)$/.test(type)) {
      throw new InputError(
        `latch '${register(connections['Q'])}' (a combinational block that keeps its value)`,
        {
          ...where,
          expected: 'flip-flops of one clock only',
        },
      );
    }
    const memory = /^\$mem(wr|rd)(_v2)?$/.test(type);
    if (!memory && !/^\$(a|s|al)?dff(e|sr|sre|ce)?$/.test(type)) continue;
    for (const [clock, polarity] of memory
      ? memoryClocks(cell)
      : [[connections['CLK']?.[0], parameters['CLK_POLARITY']] as const]) {
      const name = memory
        ? (parameters['MEMID'] ?? 'a memory').replace(/^\\/, '')
        : register(connections['Q']);
      const port = clock === undefined ? undefined : inputs.get(clock);
      if (port === undefined) {
        throw new InputError(
          `register '${name}' is clocked by '${names.get(clock ?? '') ?? 'a signal'}', which is made inside the design (gated or divided clock)`,
          { ...where, expected: 'one clock, an input port' },
        );
      }
      const edge = isOne(polarity) ? 'rising' : 'falling';
      first ??= { port, edge, register: name };
      if (first.port !== port) {
        throw new InputError(
          `two clocks: '${first.port}' clocks '${first.register}' and '${port}' clocks '${name}'; properties of designs with several clocks are not checked`,
          { ...where, expected: 'one clock' },
        );
      }
      if (first.edge !== edge) {
        throw new InputError(
          `'${first.register}' is clocked by the ${first.edge} edge of '${port}' and '${name}' by the ${edge} edge`,
          { ...where, expected: 'one edge' },
        );
      }
    }
    const reset = connections['ARST']?.[0];
    const resetPort = reset === undefined ? undefined : inputs.get(reset);
    if (resetPort !== undefined) asynchronous.set(resetPort, isOne(parameters['ARST_POLARITY']) ? 1 : 0);
  }
  return {
    clock: first?.port,
    edge: first?.edge ?? 'rising',
    asynchronous: [...asynchronous].map(([port, active]) => ({ port, active })),
  };
}

/** Clock bit and polarity of a clocked port of a memory; asynchronous ports have none. */
function memoryClocks(
  cell: JsonModule['cells'][string],
): [number | string | undefined, string | undefined][] {
  if (!isOne(cell.parameters['CLK_ENABLE'])) return [];
  return [[cell.connections['CLK']?.[0], cell.parameters['CLK_POLARITY']]];
}

function isOne(parameter: string | undefined): boolean {
  return /1$/.test(parameter ?? '1');
}

function netNames(module: JsonModule): Map<number | string, string> {
  const names = new Map<number | string, string>();
  for (const hidden of [0, 1]) {
    for (const [name, net] of Object.entries(module.netnames)) {
      if (net.hide_name !== hidden) continue;
      for (const bit of net.bits) if (!names.has(bit)) names.set(bit, name);
    }
  }
  return names;
}

/** Where a clock is read as data, if it is: the first cell that takes it elsewhere than at a clock pin. */
export function clockUse(module: JsonModule, clock: string): Place {
  const bit = module.ports[clock]?.bits[0];
  for (const cell of Object.values(module.cells)) {
    for (const [pin, bits] of Object.entries(cell.connections)) {
      if (/CLK$/.test(pin) || !bits.includes(bit!)) continue;
      const place = placeOfSource(cell.attributes['src']);
      if (place.line !== undefined) return place;
    }
  }
  // an output that is the clock itself
  const output = Object.entries(module.ports).find(
    ([, p]) => p.direction === 'output' && p.bits.includes(bit!),
  );
  return placeOfSource(module.netnames[output?.[0] ?? clock]?.attributes['src']);
}
