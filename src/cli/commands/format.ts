// `bitwright format "int4@v16:u4"`: what a notation, or a W/A/ws/as shorthand, means.

import { explainFormat, type FormatFacts } from '../../format/explain.ts';
import { isShorthand, parseFormat, parseShorthand } from '../../format/notation.ts';
import { type CommandSpec, integerOption } from '../context.ts';

export const command: CommandSpec = {
  summary: 'explain a number format',
  configure(command) {
    command
      .argument(
        '<notation...>',
        'such as int4@v16:u4, mxfp4e2m1, fix6.2, lns8g8@channel, or the shorthand 4/4/4/6',
      )
      .option('--vector <n>', 'vector width of a shorthand', integerOption('--vector', 1, 65536), 16);
  },
  async run(positional, options, context) {
    const formats: (FormatFacts & { role?: string })[] = [];
    for (const text of positional) {
      if (isShorthand(text)) {
        const pair = parseShorthand(text, { vector: options['vector'] as number });
        formats.push({ role: 'weight', ...explainFormat(pair.weight) });
        formats.push({ role: 'activation', ...explainFormat(pair.activation) });
      } else formats.push(explainFormat(parseFormat(text)));
    }
    for (const facts of formats) {
      context.print(`${facts.notation}${facts.role === undefined ? '' : `  (${facts.role})`}`);
      for (const note of facts.notes) context.print(`  ${note}`);
      context.print(
        `  ${facts.values} values, smallest positive ${facts.minPositive}, largest ${facts.max}, before scaling`,
      );
      context.print(
        `  ${facts.elementBits} bits an element, ${Number(facts.bitsPerElement.toPrecision(8))} with the scales (large tensors)`,
      );
    }
    context.result({ formats });
  },
};
