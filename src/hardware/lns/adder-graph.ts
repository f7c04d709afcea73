// Multiples of one number by few additions: an adder graph that holds every constant of a set, found greedily.
// After Dempster and Macleod, "Use of minimum-adder multiplier blocks" (1995), without a proof that it is the smallest.

/** value = first.value × 2^first.shift ± second.value × 2^second.shift; nodes refer to earlier values. */
export interface AdderNode {
  value: number;
  first: { value: number; shift: number };
  second: { value: number; shift: number; minus: boolean };
}

/** @param constants positive integers; @returns nodes in order, and for each constant the value it is a shift of */
export function adderGraph(constants: readonly number[]): {
  nodes: AdderNode[];
  of: { value: number; shift: number }[];
} {
  const limit = 4 * Math.max(...constants);
  const values = [1];
  const nodes: AdderNode[] = [];
  const add = (node: AdderNode): void => {
    nodes.push(node);
    values.push(node.value);
  };
  const open = (): number[] => constants.filter(c => shiftOf(values, c) === undefined);
  for (let missing = open(); missing.length > 0; missing = open()) {
    const direct = steps(values, values, limit);
    const target = missing.find(c => direct.has(c) || direct.has(oddPart(c)));
    if (target !== undefined) {
      add((direct.get(oddPart(target)) ?? direct.get(target))!);
      continue;
    }
    // no constant is one addition away: take the value that brings most of them there
    let best: AdderNode | undefined;
    let most = 0;
    for (const node of [...direct.values()].sort((a, b) => a.value - b.value)) {
      const next = steps([...values, node.value], [node.value], limit);
      const count = missing.filter(c => next.has(c) || next.has(oddPart(c))).length;
      if (count > most) [best, most] = [node, count];
    }
    add(best ?? largestDigit(missing[0]!, direct));
  }
  return { nodes, of: constants.map(c => shiftOf(values, c)!) };
}

function oddPart(x: number): number {
  let odd = x;
  while (odd % 2 === 0) odd /= 2;
  return odd;
}

function shiftOf(values: readonly number[], constant: number): { value: number; shift: number } | undefined {
  for (const value of values) {
    const shift = Math.log2(constant / value);
    if (Number.isInteger(shift) && shift >= 0) return { value, shift };
  }
  return undefined;
}

/** Everything one addition or subtraction away, one operand from each list; one of the shifts is 0. */
function steps(left: readonly number[], right: readonly number[], limit: number): Map<number, AdderNode> {
  const found = new Map<number, AdderNode>();
  const offer = (first: AdderNode['first'], second: AdderNode['second']): void => {
    const a = first.value * 2 ** first.shift;
    const b = second.value * 2 ** second.shift;
    const value = second.minus ? a - b : a + b;
    if (value > 0 && value < limit && !found.has(value)) found.set(value, { value, first, second });
  };
  for (const a of left) {
    for (const b of right) {
      for (let shift = 0; Math.min(a, b) * 2 ** shift < limit; shift++) {
        for (const minus of [false, true]) {
          offer({ value: a, shift }, { value: b, shift: 0, minus });
          offer({ value: b, shift }, { value: a, shift: 0, minus });
          offer({ value: a, shift: 0 }, { value: b, shift, minus });
          offer({ value: b, shift: 0 }, { value: a, shift, minus });
        }
      }
    }
  }
  return found;
}

/** The start of a constant's signed digits that is one addition away: progress when nothing else is near. */
function largestDigit(constant: number, direct: ReadonlyMap<number, AdderNode>): AdderNode {
  const odd = oddPart(constant);
  for (let low = 2; low < odd; low *= 2) {
    const node = direct.get(oddPart(Math.round(odd / low)));
    if (node !== undefined) return node;
  }
  return direct.get(3)!;
}
