// Two 4-bit codes a byte, low nibble first, as ONNX INT4, UINT4 and FLOAT4E2M1 store them; an odd count pads with 0.

import { InputError } from '../core/errors.ts';

/** Packs 4-bit codes (signed or unsigned, one a byte) two a byte. */
export function packNibbles(codes: Int8Array | Uint8Array): Uint8Array {
  const out = new Uint8Array((codes.length + 1) >> 1);
  for (let i = 0; i < codes.length; i++) out[i >> 1]! |= (codes[i]! & 15) << ((i & 1) * 4);
  return out;
}

/** Unpacks `count` 4-bit codes; signed codes are sign-extended. @throws InputError when the bytes are too few */
export function unpackNibbles(bytes: Uint8Array, count: number, signed: boolean): Int8Array | Uint8Array {
  if (bytes.length < (count + 1) >> 1) {
    throw new InputError(`${bytes.length} bytes of packed codes`, {
      expected: `${(count + 1) >> 1} for ${count}`,
    });
  }
  const out = signed ? new Int8Array(count) : new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const nibble = (bytes[i >> 1]! >> ((i & 1) * 4)) & 15;
    out[i] = signed && nibble > 7 ? nibble - 16 : nibble;
  }
  return out;
}
