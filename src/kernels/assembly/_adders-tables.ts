// Adder detection: truth tables over supersets of leaves, and the class of each table of three leaves.

import { classes, expand } from './_adders-state';

export function fillTables(): void {
  // expand[mask][t]: table t over the leaves of a cut, as a table over a superset in which they take the places of mask
  for (let mask: u32 = 0; mask < 8; mask++) {
    for (let t: u32 = 0; t < 256; t++) {
      let r: u32 = 0;
      for (let row: u32 = 0; row < 8; row++) {
        let from: u32 = 0, k: u32 = 0;
        for (let place: u32 = 0; place < 3; place++) {
          if ((mask >> place) & 1) { from |= ((row >> place) & 1) << k; k++; }
        }
        r |= ((t >> from) & 1) << row;
      }
      store<u8>(expand + (mask << 8) + t, <u8>r);
    }
  }
  memory.fill(classes, 0, 256);
  // class byte: bit 7 used, bit 6 exclusive-or, bit 5 three leaves, low four bits the sign contribution
  store<u8>(classes + 0x66, 0x80 | 0x40);
  store<u8>(classes + 0x99, 0x80 | 0x40 | 8);
  store<u8>(classes + 0x96, 0x80 | 0x40 | 0x20);
  store<u8>(classes + 0x69, 0x80 | 0x40 | 0x20 | 8);
  for (let n: u32 = 0; n < 8; n++) {
    let majority: u32 = 0, conjunction: u32 = 0;
    for (let row: u32 = 0; row < 8; row++) {
      const a = (row ^ n) & 1, b = ((row ^ n) >> 1) & 1, c = ((row ^ n) >> 2) & 1;
      majority |= <u32>(a + b + c > 1) << row;
      conjunction |= ((a & b) ^ (n >> 2)) << row;
    }
    store<u8>(classes + majority, <u8>(0x80 | 0x20 | n));
    store<u8>(classes + conjunction, <u8>(0x80 | n));
  }
}
