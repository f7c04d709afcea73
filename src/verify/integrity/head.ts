// Which source's oldest word stands at an output, bit by bit. Refuses to take a word for another one: says what is wrong.

import type { Roles } from './stream.ts';
import { type TokenCodes, tokenOf } from './tokens.ts';

/** The source whose oldest word stands at an output, or what is wrong. */
export function headOf(
  channel: { payload: readonly number[] },
  values: Int32Array,
  queues: readonly (readonly number[])[],
  roles: Roles,
  codes: TokenCodes,
  gave: Int32Array,
): number | string {
  const { data, tags } = roles;
  let source = data.length === 0 && queues.length === 1 ? 0 : -1;
  for (let k = 0; k < data.length; k++) {
    const code = tokenOf(values, channel.payload[data[k]!]!);
    if (code < 4 || code & 1) return `bit ${data[k]} is not a bit of a word that is inside`;
    const token = codes.decode(code);
    if (token.bit !== k) return `bit ${data[k]} is bit ${data[token.bit]} of a word`;
    if (source >= 0 && token.source !== source) return 'bits of words of two sources';
    source = token.source;
    if (token.position !== gave[source]) return `the word is not the oldest one inside (order)`;
    if (token.position >= queues[source]!.length) return 'a word leaves that was never taken in';
  }
  if (source < 0) return 'no data bit tells the source';
  const tag = queues[source]![gave[source]!];
  if (tag === undefined) return 'a word leaves that was never taken in (duplicated)';
  for (let k = 0; k < tags.length; k++) {
    if (
      (tokenOf(values, channel.payload[tags[k]!]!) & 1) !== ((tag >> k) & 1) ||
      tokenOf(values, channel.payload[tags[k]!]!) > 1
    ) {
      return `bit ${tags[k]} differs from the word that was taken in`;
    }
  }
  return source;
}
