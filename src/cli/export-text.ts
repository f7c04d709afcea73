// One line about an exported model, shared by the commands that write one. Refuses to print: it only returns text.

import { type Graph, serializeModel } from '../model/index.ts';
import type { ExportStatistics } from '../quantize/index.ts';

/** Size against the fp32 network, and what was compared. */
export function exportText(statistics: ExportStatistics, fp32: Graph): string {
  const { path, bytes, compared, refused, format } = statistics;
  const before = serializeModel(fp32).length;
  const outputs =
    compared.outputs === undefined
      ? ''
      : `, outputs differ by ${compared.outputs.maxDifference === 0 ? 0 : compared.outputs.maxDifference.toPrecision(2)}`;
  const softmax =
    compared.softmax === undefined
      ? ''
      : `, ${compared.softmax.random + compared.softmax.real} softmax integers equal to the golden model`;
  const left = format === 'matmulnbits' ? `; ${refused.length} weights not in MatMulNBits` : '';
  return (
    `wrote ${path}: ${kibibytes(bytes)} (fp32 ${kibibytes(before)}, ${(before / bytes).toFixed(1)}x); ` +
    `${compared.codes} codes equal after reading it again${softmax}${outputs}${left}`
  );
}

/** A size in KiB, small ones with a decimal. */
export function kibibytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(bytes < 10240 ? 1 : 0)} KiB`;
}
