// Writes a trace as a value change dump (IEEE 1364) that GTKWave and Surfer open. A don't care is written as x.
// Refuses to invent a clock when the trace has none: one time unit of 10 ns is one cycle.

import type { TraceSignal, TraceTable, TraceValue } from '../trace.ts';

/** Time units of one clock cycle. */
const cycle = 10;

/** The dump as text. Scopes: the design's name, then A, B or check, then the instances of hierarchical names. */
export function writeVcd(table: TraceTable): string {
  const lines = [
    `$comment ${clean(table.design)} ${clean(table.property)}: ${clean(table.summary)} $end`,
    '$timescale 1ns $end',
  ];
  const root: Scope = { inner: new Map(), signals: [] };
  table.signals.forEach((signal, index) => {
    const path = [...(signal.scope === '' ? [] : [signal.scope]), ...splitName(signal.name)];
    const leaf = path.pop()!;
    let scope = root;
    for (const part of path) {
      let next = scope.inner.get(part);
      if (next === undefined) {
        next = { inner: new Map(), signals: [] };
        scope.inner.set(part, next);
      }
      scope = next;
    }
    scope.signals.push([leaf, index]);
  });
  const declare = (name: string, scope: Scope): void => {
    lines.push(`$scope module ${clean(name)} $end`);
    for (const [leaf, index] of scope.signals) {
      const { width, kind } = table.signals[index]!;
      const range = width > 1 ? ` [${width - 1}:0]` : '';
      const type = kind === 'register' ? 'reg' : 'wire';
      lines.push(`$var ${type} ${width} ${code(index)} ${clean(leaf)}${range} $end`);
    }
    for (const [inner, next] of scope.inner) declare(inner, next);
    lines.push('$upscope $end');
  };
  declare(table.design, root);
  lines.push('$enddefinitions $end');
  let last: (string | undefined)[] = table.signals.map(() => undefined);
  table.steps.forEach((step, t) => {
    const now = table.signals.map((signal, s) => valueText(signal, step[s]));
    const clocks = table.signals.flatMap((signal, s) => (signal.kind === 'clock' ? [s] : []));
    const changed = now.flatMap((text, s) =>
      text !== last[s] && table.signals[s]!.kind !== 'clock' ? [text + code(s)] : [],
    );
    lines.push(`#${t * cycle}`);
    if (t === 0) lines.push('$dumpvars');
    lines.push(...clocks.map(s => `1${code(s)}`), ...changed);
    if (t === 0) lines.push('$end');
    if (clocks.length > 0) lines.push(`#${t * cycle + cycle / 2}`, ...clocks.map(s => `0${code(s)}`));
    last = now;
  });
  lines.push(`#${table.steps.length * cycle}`);
  return `${lines.join('\n')}\n`;
}

interface Scope {
  inner: Map<string, Scope>;
  signals: [string, number][];
}

/** Parts of a hierarchical name; dots inside escaped names or brackets do not split. */
function splitName(name: string): string[] {
  return name.startsWith('\\') ? [name] : name.split('.').filter(part => part !== '');
}

function valueText(signal: TraceSignal, value: TraceValue): string {
  if (signal.width === 1) return value === undefined ? 'x' : value === 0n ? '0' : '1';
  return value === undefined ? 'bx ' : `b${value.toString(2)} `;
}

/** Short identifier of printable characters. */
function code(index: number): string {
  let text = '';
  do {
    text += String.fromCharCode(33 + (index % 94));
    index = Math.floor(index / 94) - 1;
  } while (index >= 0);
  return text;
}

function clean(text: string): string {
  return text.replace(/[^\x21-\x7e]+/g, '_').replace(/\$end/g, '_end');
}
