// A Verilog test bench that replays a trace on the source itself: drives the inputs, compares every output, says
// PASS or MISMATCH, and can dump a VCD. Refuses to set registers: what reset leaves open may differ.

import { UsageError } from '../../core/errors.ts';
import type { TraceTable, TraceValue } from '../trace.ts';

export interface TestbenchOptions {
  /** Name of the module under test. */
  module: string;
  /** Ports of the module, clock and reset included. */
  ports: readonly { name: string; direction: 'in' | 'out'; width: number }[];
  clocks: readonly string[];
  /** Active level of each reset port. */
  resets: readonly { port: string; active: 0 | 1 }[];
  parameters?: Readonly<Record<string, string | number>> | undefined;
  /** Constant values of further inputs. */
  ties?: ReadonlyMap<string, bigint> | undefined;
  /** Cycles of reset; default 16. */
  resetCycles?: number | undefined;
  /** Times the loop of a lasso is run again; default 3. */
  repeats?: number | undefined;
}

/**
 * The test bench: one file, plain Verilog-2001, to be compiled with the design's sources. Two-copy traces make two
 * instances. Outputs are compared in every cycle in which the trace has a value for them.
 * @throws UsageError when the trace drives a port the module does not have
 */
export function writeTestbench(table: TraceTable, options: TestbenchOptions): string {
  const { module, ports, clocks, resets, ties = new Map<string, bigint>(), repeats = 3 } = options;
  const copies = table.signals.some(s => s.scope === 'B') ? ['A', 'B'] : [''];
  const port = new Map(ports.map(p => [p.name, p]));
  const net = (name: string, copy: string): string => (copy === '' ? name : `${name}_${copy}`);
  const inputs = ports.filter(p => p.direction === 'in');
  const outputs = ports.filter(p => p.direction === 'out');
  for (const signal of table.signals) {
    if (signal.direction !== undefined && !port.has(signal.name)) {
      throw new UsageError(`the trace has port '${signal.name}'`, { expected: `a port of ${module}` });
    }
  }
  const isClock = (name: string): boolean => clocks.includes(name);
  const reset = (name: string): 0 | 1 | undefined => resets.find(r => r.port === name)?.active;
  const range = (width: number): string => (width > 1 ? `[${width - 1}:0] ` : '');
  const lines = [
    `// ${table.design}, ${table.property}: ${oneLine(table.summary)}`,
    '// Compile with the sources of the design, e.g. iverilog -g2012 -o replay replay.v design.sv && ./replay',
    '`timescale 1ns / 1ps',
    'module replay;',
    '  integer mismatches;',
    '  integer cycle;',
  ];
  for (const name of clocks) lines.push(`  reg ${name};`);
  for (const copy of copies) {
    for (const p of inputs) {
      if (!isClock(p.name)) lines.push(`  reg ${range(p.width)}${net(p.name, copy)};`);
    }
    for (const p of outputs) lines.push(`  wire ${range(p.width)}${net(p.name, copy)};`);
  }
  const parameters = Object.entries(options.parameters ?? {}).map(([name, value]) => `.${name}(${value})`);
  const set = parameters.length > 0 ? `#(${parameters.join(', ')}) ` : '';
  for (const copy of copies) {
    const pins = ports.map(p => `.${p.name}(${isClock(p.name) ? p.name : net(p.name, copy)})`);
    lines.push(
      `  ${module} ${set}dut${copy === '' ? '' : `_${copy}`} (`,
      `    ${pins.join(',\n    ')}`,
      '  );',
    );
  }
  const half = clocks.map(name => `${name} = 1;`).join(' ');
  const low = clocks.map(name => `${name} = 0;`).join(' ');
  lines.push(
    '',
    '  task tick;',
    `    begin #1; ${half} #5; ${low} #3; cycle = cycle + 1; end`,
    '  endtask',
    '',
  );
  const widest = Math.max(1, ...outputs.map(p => p.width));
  lines.push(
    `  task expect_value(input [${widest - 1}:0] seen, input [${widest - 1}:0] wanted, input [8*40-1:0] name);`,
    '    // an x is a value that reset leaves open: it may be what the trace says',
    "    if ((seen != wanted) === 1'b1) begin",
    '      mismatches = mismatches + 1;',
    '      $display("MISMATCH cycle %0d %0s: %h, expected %h", cycle, name, seen, wanted);',
    '    end',
    '  endtask',
    '',
    '  initial begin',
    '    if ($test$plusargs("vcd")) begin $dumpfile("replay.vcd"); $dumpvars(0, replay); end',
    `    mismatches = 0; cycle = -${options.resetCycles ?? 16}; ${low}`,
  );
  for (const copy of copies) {
    for (const p of inputs) {
      if (isClock(p.name)) continue;
      lines.push(
        `    ${net(p.name, copy)} = ${literal(reset(p.name) === undefined ? (ties.get(p.name) ?? 0n) : BigInt(reset(p.name)!), p.width)};`,
      );
    }
  }
  lines.push(`    repeat (${options.resetCycles ?? 16}) begin #1; tick; end`);
  for (const copy of copies) {
    for (const r of resets) lines.push(`    ${net(r.port, copy)} = ${1 - r.active};`);
  }
  const order = table.steps.map((_, t) => t);
  if (table.loopStart !== undefined) {
    for (let i = 0; i < repeats; i++)
      for (let t = table.loopStart; t < table.steps.length; t++) order.push(t);
  }
  let last = new Map<string, TraceValue>();
  for (const t of order) {
    const step = table.steps[t]!;
    const drive: string[] = [];
    const compare: string[] = [];
    const now = new Map<string, TraceValue>();
    table.signals.forEach((signal, s) => {
      const p = port.get(signal.name);
      if (p === undefined || signal.direction === undefined || isClock(p.name)) return;
      if (reset(p.name) !== undefined) return;
      const targets = signal.scope === 'A' || signal.scope === 'B' ? [signal.scope] : copies;
      for (const copy of targets) {
        const name = net(p.name, copy);
        const value = step[s];
        if (p.direction === 'in') {
          now.set(name, value ?? 0n);
          if (last.get(name) !== (value ?? 0n)) drive.push(`${name} = ${literal(value ?? 0n, p.width)};`);
        } else if (value !== undefined) {
          compare.push(`expect_value(${name}, ${literal(value, p.width)}, "${name.slice(-40)}");`);
        }
      }
    });
    last = now;
    lines.push(
      `    // cycle ${t}`,
      ...drive.map(x => `    ${x}`),
      '    #1;',
      ...compare.map(x => `    ${x}`),
      '    tick;',
    );
  }
  lines.push(
    '    if (mismatches == 0) $display("PASS replayed %0d cycles", cycle);',
    '    else $display("MISMATCHES %0d", mismatches);',
    '    $finish;',
    '  end',
    'endmodule',
  );
  return `${lines.join('\n')}\n`;
}

function literal(value: bigint, width: number): string {
  return `${width}'h${value.toString(16)}`;
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}
