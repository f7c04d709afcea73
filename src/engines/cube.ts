// Cubes of latch values. A state literal is 2·latch + value; cubes are sorted arrays of them.
// Refuses contradictory cubes by construction: a latch stands in a cube once.

export type Cube = readonly number[];

/** Is every literal of a in b? Both sorted. */
export function subsumes(a: Cube, b: Cube): boolean {
  if (a.length > b.length) return false;
  let j = 0;
  for (const literal of a) {
    while (j < b.length && b[j]! < literal) j++;
    if (j === b.length || b[j] !== literal) return false;
    j++;
  }
  return true;
}

/** May a reset state lie in the cube? */
export function meetsReset(cube: Cube, latchInit: Uint8Array): boolean {
  for (const literal of cube) {
    const init = latchInit[literal >>> 1]!;
    if (init !== 2 && init !== (literal & 1)) return false;
  }
  return true;
}
