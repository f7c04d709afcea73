// Verilog text of the two shifters every floating-point unit needs. Stages are written out, one a line, so that the
// sticky bit and the leading-zero count cost no second shifter.

/** Lines of a staged shifter and the names of what it leaves. */
export interface Shifter {
  lines: string[];
  /** Net of the shifted word, as wide as the input. */
  word: string;
  /** Right: net that is 1 when a 1 was shifted out. Left: net of the number of leading zeros removed. */
  side: string;
}

/**
 * Right shift with sticky bit.
 * @param word net of `width` bits
 * @param amount net of `amountBits` bits; amounts of `width` and more give 0 and the sticky of the whole word
 */
export function shiftRightSticky(
  prefix: string,
  word: string,
  width: number,
  amount: string,
  amountBits: number,
): Shifter {
  const lines: string[] = [];
  const stages = Math.min(amountBits, Math.ceil(Math.log2(width)));
  let current = word;
  const sticky: string[] = [];
  for (let k = stages - 1; k >= 0; k--) {
    const step = 2 ** k;
    const next = `${prefix}_${step}`;
    lines.push(
      `  wire [${width - 1}:0] ${next} = ${amount}[${k}] ? {${step}'d0, ${current}[${width - 1}:${step}]} : ${current};`,
    );
    sticky.push(`(${amount}[${k}] & |${current}[${step - 1}:0])`);
    current = next;
  }
  if (amountBits > stages) {
    const far = `${prefix}_far`;
    lines.push(`  wire ${far} = |${amount}[${amountBits - 1}:${stages}];`);
    lines.push(`  wire [${width - 1}:0] ${prefix}_out = ${current} & {${width}{~${far}}};`);
    lines.push(`  wire ${prefix}_sticky = ${far} ? |${word} : ${sticky.join(' | ')};`);
    return { lines, word: `${prefix}_out`, side: `${prefix}_sticky` };
  }
  lines.push(`  wire ${prefix}_sticky = ${sticky.join(' | ')};`);
  return { lines, word: current, side: `${prefix}_sticky` };
}

/** Left shift until the top bit is 1 (or the word is 0); `side` counts the shift in ceil(log2 width) bits. */
export function normaliseLeft(prefix: string, word: string, width: number): Shifter {
  const lines: string[] = [];
  const stages = Math.ceil(Math.log2(width));
  let current = word;
  const counts: string[] = [];
  for (let k = stages - 1; k >= 0; k--) {
    const step = 2 ** k;
    const next = `${prefix}_${step}`;
    lines.push(`  wire ${next}_empty = ~|${current}[${width - 1}:${width - step}];`);
    lines.push(
      `  wire [${width - 1}:0] ${next} = ${next}_empty ? {${current}[${width - step - 1}:0], ${step}'d0} : ${current};`,
    );
    counts.push(`${next}_empty`);
    current = next;
  }
  lines.push(`  wire [${stages - 1}:0] ${prefix}_count = {${counts.join(', ')}};`);
  return { lines, word: current, side: `${prefix}_count` };
}
