// A scheme as text: `WEIGHTS`, `WEIGHTS+ACTIVATIONS` or the shorthand W/A/ws/as, with `max:` before it for plain max scaling
// without compensation. Refuses anything else.

import { requireText } from '../core/arguments.ts';
import { UsageError } from '../core/errors.ts';
import { isShorthand, parseShorthand, printFormat } from '../format/index.ts';
import { formatOrNone, type QuantizeOptions } from './options.ts';

/** Options of a scheme; `fp32` quantizes nothing. @throws UsageError on an unknown notation */
export function parseScheme(text: string): QuantizeOptions {
  requireText('the scheme', text, "text such as '4/4/4/6' or 'int4@v16:u4'");
  const plain = text.startsWith('max:');
  const body = plain ? text.slice(4) : text;
  const method = plain ? { method: 'max' as const } : {};
  if (isShorthand(body)) {
    const pair = parseShorthand(body);
    return { weights: printFormat(pair.weight), activations: printFormat(pair.activation), ...method };
  }
  const parts = body.split('+');
  if (parts.length > 2 || parts[0] === '') {
    throw new UsageError(`scheme '${text}'`, { expected: 'WEIGHTS, WEIGHTS+ACTIVATIONS or W/A/ws/as' });
  }
  for (const part of parts) formatOrNone(part);
  return { weights: parts[0]!, activations: parts[1] ?? 'fp32', ...method };
}
