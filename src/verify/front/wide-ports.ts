// Ports counted before the passes that take quadratic time in the width of a signal and write megabytes of it.
// Refuses designs with more port bits than the limit; designs of usual widths pay one selection for it.

import { InputError } from '../../core/errors.ts';
import { type ElaborateOptions, elaborate, elaborated } from '../../synthesis/elaborate.ts';
import { readRtlil } from '../../synthesis/rtlil.ts';
import type { PlacedSource } from '../../synthesis/source.ts';
import type { YosysResult } from '../../synthesis/yosys.ts';

/** Of one run of Yosys, as of now. */
export type Limits = () => Omit<ElaborateOptions, 'captured'>;

/** Bits of one port above which all ports are counted first: `check` takes seconds from here on. */
const wide = 10_000;

/** @throws InputError when ports of these widths have more bits than `bitLimit` */
export function limitPorts({ source }: PlacedSource, widths: readonly number[], bitLimit: number): void {
  const bits = widths.reduce((sum, width) => sum + width, 0);
  if (bits <= bitLimit) return;
  throw new InputError(`ports of ${bits} bits`, {
    file: source.files[0]?.name,
    expected: `at most ${bitLimit} (set a width parameter with -P)`,
  });
}

/** `elaborate`, but a design with a wide port runs `passes` only after its ports were counted. */
export async function elaborateNarrow(
  placed: PlacedSource,
  passes: readonly string[],
  limits: Limits,
  bitLimit: number,
): Promise<YosysResult> {
  try {
    return await elaborate(placed, [`select -assert-none x:* s:${wide}: %i`, ...passes], limits());
  } catch (error) {
    if (!(error instanceof InputError) || !error.message.startsWith('Assertion failed: selection'))
      throw error;
  }
  const { files } = await elaborate(placed, [], limits());
  const modules = [...readRtlil(Buffer.from(files.get(elaborated)!).toString('utf8')).values()];
  const top = modules.find(m => m.top);
  const ports = [...(top?.wires.values() ?? [])].filter(w => w.direction !== undefined);
  limitPorts(
    placed,
    ports.map(p => p.width),
    bitLimit,
  );
  return await elaborate(placed, passes, limits());
}
