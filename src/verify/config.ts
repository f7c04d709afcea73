// The YAML file that overrides the guess: clock, reset, channels, patterns, other ports, properties.
// Refuses unknown keys and wrong types with file, line and the nearest spelling.

import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { InputError } from '../core/errors.ts';
import { nearestSpelling } from '../core/spelling.ts';
import { propertyKinds } from './results.ts';

const level = z.enum(['high', 'low']);
const reset = z.union([z.string(), z.strictObject({ port: z.string(), active: level.optional() })]);
const names = z.union([z.string(), z.array(z.string())]);

const channel = z.strictObject({
  /** Of a channel found by name: changes it. With `valid`: makes it. */
  name: z.string(),
  valid: z.string().optional(),
  ready: z.string().nullable().optional(),
  payload: names.optional(),
  /** Valid is kept until taken. */
  persistent: z.boolean().optional(),
  /** Checked for deadlock on its own. */
  forever: z.boolean().optional(),
  ordered: z.boolean().optional(),
});

const schema = z.strictObject({
  top: z.string().optional(),
  clock: z.string().optional(),
  reset: z.union([reset, z.array(reset), z.null()]).optional(),
  /** Cycles reset is held. */
  resetCycles: z.int().min(1).max(10_000).optional(),
  parameters: z.record(z.string(), z.union([z.string(), z.int()])).optional(),
  patterns: names.optional(),
  channels: z.array(channel).optional(),
  /** Only the channels written here; none is guessed. */
  guess: z.boolean().optional(),
  /** Inputs outside channels: `free`, `stable`, or a number they are tied to. */
  inputs: z.record(z.string(), z.union([z.enum(['free', 'stable']), z.int().min(0)])).optional(),
  /** Outputs outside channels that may depend on invalid data. */
  ignore: names.optional(),
  properties: z.array(z.enum(propertyKinds)).optional(),
  bound: z.int().min(1).max(65_535).optional(),
  perPort: z.boolean().optional(),
  skew: z.int().min(1).max(8).optional(),
});

export type VerifyConfig = z.infer<typeof schema>;

/** @throws InputError with file and line */
export function readConfig(text: string, file: string): VerifyConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors[0];
  if (broken !== undefined) {
    throw new InputError(broken.message, { file, line: lines.linePos(broken.pos[0]).line });
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    throw new InputError((error as Error).message, { file });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = deepest(result.error.issues);
  const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = [...issue.path, ...(unknownKey === undefined ? [] : [unknownKey])] as (string | number)[];
  const where = path.length === 0 ? 'the file' : `'${path.join('.')}'`;
  const line = lineOf(document, lines, path);
  if (unknownKey !== undefined) {
    const inChannel = issue.path[0] === 'channels';
    const known = Object.keys(inChannel ? channel.shape : schema.shape);
    throw new InputError(`unknown key ${where}`, { file, line, nearest: nearestSpelling(unknownKey, known) });
  }
  throw new InputError(`${where}: ${issue.message.replace(/^Invalid input: /, '')}`, { file, line });
}

type Issue = z.core.$ZodIssue;

/** Inside a union the issue of the branch that got furthest says most. */
function deepest(issues: readonly Issue[]): Issue {
  const issue = issues[0]!;
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const inner = issue.errors.flat().sort((a, b) => b.path.length - a.path.length)[0];
  return inner === undefined || inner.path.length === 0
    ? issue
    : { ...inner, path: [...issue.path, ...inner.path] };
}

function lineOf(
  document: ReturnType<typeof parseDocument>,
  lines: LineCounter,
  path: (string | number)[],
): number | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const range = (node as { range?: [number, number, number] } | null | undefined)?.range;
    if (range !== undefined && range !== null) return lines.linePos(range[0]).line;
  }
  return undefined;
}
