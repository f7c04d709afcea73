// Channels between instances: which output feeds which input, net by net, and whether words can go round.
// Refuses a channel whose nets go to two readers, or whose valid, ready and payload do not belong together.

import type { Channel, Interface, SignalRef } from '../interface.ts';
import type { Bit, Hierarchy, Instance } from './hierarchy.ts';

/** An end of a link: an instance by index, or the top's own port. */
export interface End {
  /** -1: the outside of the top. */
  instance: number;
  channel: Channel;
}

export interface Link {
  from: End;
  to: End;
}

export interface Network {
  links: Link[];
  /** Instances from the sources on; undefined when they form a loop. */
  order: number[] | undefined;
  /** Instances on a loop, by name. */
  loop: string[];
}

/** The network, or why the top cannot be cut. */
export function connect(
  hierarchy: Hierarchy,
  outside: Interface,
  inside: readonly Interface[],
): Network | string {
  const { instances, logic } = hierarchy;
  if (instances.length === 0) return 'no instances';
  if (logic.length > 0) return `'${hierarchy.top}' has logic of its own (${logic.slice(0, 4).join(', ')})`;
  const topBits = (ref: SignalRef): readonly Bit[] =>
    hierarchy.ports.get(ref.port)!.bits.slice(ref.lsb, ref.lsb + ref.width);
  const pinBits = (instance: Instance, ref: SignalRef): readonly Bit[] =>
    instance.pins.get(ref.port)?.slice(ref.lsb, ref.lsb + ref.width) ?? [];
  const givers: { end: End; key: string }[] = [];
  const takers: { end: End; key: string }[] = [];
  const keyOf = (channel: Channel, bits: (ref: SignalRef) => readonly Bit[]): string =>
    [
      bits(channel.valid).join(),
      channel.ready === undefined ? '' : bits(channel.ready).join(),
      channel.payload.flatMap(p => [...bits(p)]).join(),
    ].join(';');
  for (const channel of outside.channels) {
    const entry = { end: { instance: -1, channel }, key: keyOf(channel, topBits) };
    (channel.direction === 'in' ? givers : takers).push(entry);
  }
  for (const [i, instance] of instances.entries()) {
    const found = inside[i]!;
    if (found.freeInputs.length > 0) {
      return `'${instance.name}' has an input outside its channels: '${found.freeInputs[0]!.port}'`;
    }
    const wrong = wrongSupply(hierarchy, outside, instance, found);
    if (wrong !== undefined) return wrong;
    for (const channel of found.channels) {
      const entry = { end: { instance: i, channel }, key: keyOf(channel, ref => pinBits(instance, ref)) };
      (channel.direction === 'in' ? takers : givers).push(entry);
    }
  }
  const links: Link[] = [];
  const nameOf = ({ instance, channel }: End): string =>
    instance < 0 ? channel.name : `${instances[instance]!.name}.${channel.name}`;
  for (const taker of takers) {
    const matches = givers.filter(g => g.key === taker.key);
    if (matches.length !== 1) return `channel '${nameOf(taker.end)}' has no partner`;
    links.push({ from: matches[0]!.end, to: taker.end });
  }
  if (new Set(links.map(l => l.from)).size !== givers.length) return 'a channel with two readers, or none';
  return { links, ...sortNetwork(instances, links) };
}

/** Modules are proved from the end of their own reset on: it must be the reset of the top, and the clock its clock. */
function wrongSupply(
  hierarchy: Hierarchy,
  outside: Interface,
  instance: Instance,
  found: Interface,
): string | undefined {
  const net = (port: string | undefined): Bit | undefined =>
    port === undefined ? undefined : hierarchy.ports.get(port)?.bits[0];
  if (found.clock !== undefined) {
    const same = instance.pins.get(found.clock)?.[0] === net(outside.clock);
    if (!same || found.clockEdge !== outside.clockEdge) {
      return `the clock of '${instance.name}' is not that of the top`;
    }
  }
  for (const { port, active } of found.resets) {
    const pin = instance.pins.get(port)?.[0];
    if (!outside.resets.some(r => net(r.port) === pin && r.active === active)) {
      return `the reset of '${instance.name}' is not that of the top`;
    }
  }
  return undefined;
}

function sortNetwork(
  instances: readonly Instance[],
  links: readonly Link[],
): { order: number[] | undefined; loop: string[] } {
  const waiting = instances.map(() => 0);
  for (const { from, to } of links) if (from.instance >= 0 && to.instance >= 0) waiting[to.instance]!++;
  const order = instances.flatMap((_, i) => (waiting[i] === 0 ? [i] : []));
  for (const i of order) {
    for (const { from, to } of links) {
      if (from.instance === i && to.instance >= 0 && --waiting[to.instance]! === 0) order.push(to.instance);
    }
  }
  const loop = instances.flatMap((instance, i) => (waiting[i]! > 0 ? [instance.name] : []));
  return { order: loop.length > 0 ? undefined : order, loop };
}
