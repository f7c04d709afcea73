// Lays a configuration over the guess: channels made or changed, inputs tied, outputs ignored.
// Refuses names that no port or channel has, with the nearest that exists.

import { InputError } from '../../core/errors.ts';
import { nearestSpelling } from '../../core/spelling.ts';
import type { VerifyConfig } from '../config.ts';
import type { Design } from '../design.ts';
import type { Channel, Interface, SignalRef } from '../interface.ts';

type ChannelConfig = NonNullable<VerifyConfig['channels']>[number];

/** @param file name of the configuration, for messages */
export function overrideInterface(
  design: Design,
  guess: Interface,
  config: VerifyConfig,
  file: string,
): Interface {
  const channels: Channel[] = config.guess === false ? [] : guess.channels.map(c => ({ ...c }));
  for (const entry of config.channels ?? []) {
    if (entry.valid !== undefined) {
      const made = makeChannel(design, entry, file);
      const taken = new Set(portsOf(made));
      for (let i = channels.length - 1; i >= 0; i--) {
        if (channels[i]!.name === made.name || portsOf(channels[i]!).some(p => taken.has(p)))
          channels.splice(i, 1);
      }
      channels.push(made);
      continue;
    }
    const index = channels.findIndex(c => c.name === entry.name);
    if (index < 0) {
      throw new InputError(`no channel '${entry.name}'`, {
        file,
        expected:
          channels.length === 0
            ? "one with 'valid'"
            : `one of ${channels.map(c => c.name).join(', ')}, or one with 'valid'`,
        nearest: nearestSpelling(
          entry.name,
          channels.map(c => c.name),
        ),
      });
    }
    channels[index] = changeChannel(design, channels[index]!, entry, file);
  }
  const used = new Set([...channels.flatMap(portsOf), guess.clock, ...guess.resets.map(r => r.port)]);
  const rest = design.ports.filter(p => !used.has(p.name));
  const inputs = rest.filter(p => p.direction === 'in').map(p => p.name);
  const outputs = rest.filter(p => p.direction === 'out').map(p => p.name);
  for (const name of Object.keys(config.inputs ?? {}))
    known(name, inputs, 'input outside all channels', file);
  const ignored = list(config.ignore);
  for (const name of ignored) known(name, outputs, 'output outside all channels', file);
  return {
    ...guess,
    channels,
    freeInputs: inputs.map(port => {
      const rule = config.inputs?.[port] ?? 'free';
      return {
        port,
        rule: typeof rule === 'number' ? { kind: 'tied', value: BigInt(rule) } : { kind: rule },
      };
    }),
    otherOutputs: outputs.map(port => ({ port, observed: !ignored.includes(port) })),
  };
}

function portsOf(channel: Channel): string[] {
  return [channel.valid, ...(channel.ready === undefined ? [] : [channel.ready]), ...channel.payload].map(
    r => r.port,
  );
}

function makeChannel(design: Design, entry: ChannelConfig, file: string): Channel {
  const valid = signal(design, entry.valid!, file, 1);
  const direction = design.ports.find(p => p.name === valid.port)!.direction;
  return changeChannel(
    design,
    {
      name: entry.name,
      direction,
      valid,
      payload: [],
      style: 'configuration',
      persistent: false,
      forever: false,
      ordered: true,
    },
    entry,
    file,
  );
}

function changeChannel(design: Design, channel: Channel, entry: ChannelConfig, file: string): Channel {
  const directed = (text: string, direction: 'in' | 'out', width?: number): SignalRef => {
    const ref = signal(design, text, file, width);
    if (design.ports.find(p => p.name === ref.port)!.direction !== direction) {
      throw new InputError(`'${text}' of channel '${channel.name}' runs the other way`, {
        file,
        expected: `an ${direction === 'in' ? 'input' : 'output'}`,
      });
    }
    return ref;
  };
  const back = channel.direction === 'in' ? 'out' : 'in';
  return {
    ...channel,
    ready:
      entry.ready === undefined
        ? channel.ready
        : entry.ready === null
          ? undefined
          : directed(entry.ready, back, 1),
    payload:
      entry.payload === undefined
        ? channel.payload
        : list(entry.payload).map(p => directed(p, channel.direction)),
    persistent: entry.persistent ?? channel.persistent,
    forever: entry.forever ?? channel.forever,
    ordered: entry.ordered ?? channel.ordered,
  };
}

/** `port`, `port[3]` or `port[7:4]`. */
function signal(design: Design, text: string, file: string, width?: number): SignalRef {
  const match = /^([^[\]]+)(?:\[(\d+)(?::(\d+))?\])?$/.exec(text.trim());
  const name = match?.[1] ?? text;
  known(
    name,
    design.ports.map(p => p.name),
    'port',
    file,
  );
  const size = design.ports.find(p => p.name === name)!.bits.length;
  const high = match?.[2] === undefined ? size - 1 : Number(match[2]);
  const low = match?.[2] === undefined ? 0 : Number(match[3] ?? match[2]);
  if (match === null || low > high || high >= size) {
    throw new InputError(`no bits '${text}'`, { file, expected: `bits 0 to ${size - 1} of '${name}'` });
  }
  const ref = { port: name, lsb: low, width: high - low + 1 };
  if (width !== undefined && ref.width !== width) {
    throw new InputError(`'${text}' has ${ref.width} bits`, { file, expected: `${width}` });
  }
  return ref;
}

function known(name: string, names: readonly string[], what: string, file: string): void {
  if (names.includes(name)) return;
  throw new InputError(`no ${what} '${name}'`, {
    file,
    expected: names.length <= 12 ? (names.length === 0 ? 'none' : `one of ${names.join(', ')}`) : undefined,
    nearest: nearestSpelling(name, names),
  });
}

function list(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}
