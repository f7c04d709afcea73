// A mapped netlist as structural Verilog, for other tools: nets `nNUMBER`, instances `iINDEX`, ports by their names.
// Refuses to keep the names Yosys gave to nets and instances: they need escapes that tools read differently.

import { type MappedNetlist, openPin } from './netlist.ts';

/** Instance `i7` is `netlist.instances[7]`; net `n9` is net 9. */
export function netlistVerilog(netlist: MappedNetlist): string {
  const { top, ports, instances, netNames } = netlist;
  const net = (n: number): string => (n < 2 ? `1'b${n}` : `n${n}`);
  const lines = [`module ${top} (${ports.map(p => p.name).join(', ')});`];
  for (const { name, nets, output } of ports) {
    lines.push(
      `  ${output ? 'output' : 'input'} ${nets.length > 1 ? `[${nets.length - 1}:0] ` : ''}${name};`,
    );
  }
  for (let n = 2; n < netNames.length; n++) lines.push(`  wire n${n};`);
  for (const { name, nets, output } of ports) {
    nets.forEach((n, i) => {
      const bit = nets.length > 1 ? `${name}[${i}]` : name;
      lines.push(output ? `  assign ${bit} = ${net(n)};` : `  assign ${net(n)} = ${bit};`);
    });
  }
  instances.forEach(({ cell, nets }, i) => {
    const pins = cell.pins.flatMap((pin, k) =>
      nets[k] === openPin ? [] : [`.${pin.name}(${net(nets[k]!)})`],
    );
    lines.push(`  ${cell.name} i${i} (${pins.join(', ')});`);
  });
  lines.push('endmodule', '');
  return lines.join('\n');
}
