// Finds the channels of a module from the names, directions and widths of its ports.
// Refuses to take a port for two channels, and to guess at a name no convention covers: such ports stay free or observed.

import { InputError } from '../../core/errors.ts';
import type { Channel, SignalRef } from '../interface.ts';
import { type Convention, conventions } from './conventions.ts';

export interface PortShape {
  name: string;
  direction: 'in' | 'out';
  width: number;
}

export interface FoundChannels {
  channels: Channel[];
  /** Ports no channel took. */
  rest: PortShape[];
}

/**
 * Channels found by name. A valid port of n bits with a ready port of n bits makes n channels; payload is divided
 * evenly among them.
 * @param user conventions that come before the built-in ones
 */
export function findChannels(ports: readonly PortShape[], user: readonly Convention[] = []): FoundChannels {
  const byName = new Map(ports.map(p => [p.name, p]));
  const taken = new Set<string>();
  const channels: Channel[] = [];
  const candidates = ports.flatMap(port => {
    for (const convention of [...user, ...conventions]) {
      const names = convention.match(port.name);
      if (names !== undefined) return [{ port, convention, names }];
    }
    return [];
  });
  // longer names first: in_a_valid takes in_a_data before in_valid could
  candidates.sort(
    (a, b) => b.names.name.length - a.names.name.length || ports.indexOf(a.port) - ports.indexOf(b.port),
  );
  for (const { port, convention, names } of candidates) {
    if (taken.has(port.name)) continue;
    const ready = names.ready
      .map(name => byName.get(name))
      .find(
        p =>
          p !== undefined && p.direction !== port.direction && p.width === port.width && !taken.has(p.name),
      );
    const payload = ports.filter(
      p =>
        p !== port &&
        p !== ready &&
        p.direction === port.direction &&
        !taken.has(p.name) &&
        p.width % port.width === 0 &&
        names.isPayload(p.name),
    );
    if (ready === undefined && payload.length === 0) continue;
    for (const p of [port, ...(ready === undefined ? [] : [ready]), ...payload]) taken.add(p.name);
    for (let k = 0; k < port.width; k++) {
      channels.push({
        name: port.width === 1 ? names.name : `${names.name}[${k}]`,
        direction: port.direction,
        valid: { port: port.name, lsb: k, width: 1 },
        ready: ready === undefined ? undefined : { port: ready.name, lsb: k, width: 1 },
        payload: payload.map((p): SignalRef => {
          const width = p.width / port.width;
          return { port: p.name, lsb: k * width, width };
        }),
        style: convention.style,
        persistent: convention.persistent,
        forever: false,
        ordered: true,
      });
    }
  }
  const order = new Map(ports.map((p, i) => [p.name, i]));
  channels.sort((a, b) => order.get(a.valid.port)! - order.get(b.valid.port)! || a.valid.lsb - b.valid.lsb);
  uniqueNames(channels);
  return { channels, rest: ports.filter(p => !taken.has(p.name)) };
}

/** Two channels of one name (valid_i and valid_o of an unnamed stream) are told apart by their direction. */
function uniqueNames(channels: Channel[]): void {
  const count = new Map<string, number>();
  for (const c of channels) count.set(c.name, (count.get(c.name) ?? 0) + 1);
  for (const c of channels) if (count.get(c.name)! > 1) c.name = `${c.name}.${c.direction}`;
  const seen = new Set<string>();
  for (const c of channels) {
    if (seen.has(c.name)) c.name = c.valid.port;
    if (seen.has(c.name))
      throw new InputError(`two channels are called '${c.name}'`, {
        expected: 'a configuration that names them',
      });
    seen.add(c.name);
  }
}
