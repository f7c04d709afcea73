// Reads the lookup tables of a liberty file: templates, own indices, values in the order the template names the axes.
// Refuses unknown templates and variables, axes that do not rise, and values that do not fill the grid.

import { type LibertyGroup, libertyGroups, libertyValue } from '../../netlist/liberty.ts';
import { fail, type LibertyUnits, readUnits } from './library-units.ts';
import { LookupTable, type Slot, type TableAxis } from './lookup-table.ts';

/** Axis variables, the place of each in `LookupTable.evaluate`, and whether it is a time or a capacitance. */
const variables: Record<string, [slot: Slot, unit: 'time' | 'capacitance']> = {
  input_net_transition: [0, 'time'],
  input_transition_time: [0, 'time'],
  constrained_pin_transition: [0, 'time'],
  total_output_net_capacitance: [1, 'capacitance'],
  output_net_pin_cap: [1, 'capacitance'],
  related_pin_transition: [1, 'time'],
  related_out_total_output_net_capacitance: [2, 'capacitance'],
  equal_or_opposite_output_net_capacitance: [2, 'capacitance'],
};

interface Template {
  variables: string[];
  indices: (number[] | undefined)[];
}

const valueLimit = 1 << 16;

export class TableReader {
  private readonly file: string;
  private readonly units: LibertyUnits;
  private readonly templates = new Map<string, Template>();
  /** Equal index texts share one array. */
  private readonly axes = new Map<string, Float64Array>();

  constructor(library: LibertyGroup, file: string) {
    this.file = file;
    this.units = readUnits(library, file);
    for (const kind of ['lu_table_template', 'power_lut_template']) {
      for (const group of libertyGroups(library, kind)) {
        const name = group.arguments[0] ?? '';
        const names: string[] = [];
        const indices: (number[] | undefined)[] = [];
        for (let axis = 1; axis <= 3; axis++) {
          const variable = libertyValue(group, `variable_${axis}`);
          if (variable === undefined) break;
          names.push(variable);
          indices.push(this.index(group, axis));
        }
        this.templates.set(name, { variables: names, indices });
      }
    }
  }

  /**
   * The table `name` of a group, or undefined when the group has none.
   * @param factor what values are multiplied by
   */
  read(owner: LibertyGroup, name: string, cell: string, factor: number): LookupTable | undefined {
    const group = libertyGroups(owner, name)[0];
    if (group === undefined) return undefined;
    const { file } = this;
    const templateName = group.arguments[0] ?? 'scalar';
    const template = this.templates.get(templateName);
    if (template === undefined && templateName !== 'scalar') {
      fail(
        `cell '${cell}' has ${name} of unknown template '${templateName}'`,
        group,
        file,
        `one of ${[...this.templates.keys()].slice(0, 8).join(', ') || 'scalar'}`,
      );
    }
    const axes: TableAxis[] = [];
    let size = 1;
    (template?.variables ?? []).forEach((variable, i) => {
      const known = Object.hasOwn(variables, variable) ? variables[variable]! : undefined;
      if (known === undefined) {
        fail(
          `template '${templateName}' has variable '${variable}'`,
          group,
          file,
          `one of ${Object.keys(variables).join(', ')}`,
        );
      }
      const [slot, unit] = known!;
      if (axes.some(x => x.slot === slot)) {
        fail(`template '${templateName}' uses two axes of one kind`, group, file, 'slew and load');
      }
      const points = this.index(group, i + 1) ?? template!.indices[i];
      if (points === undefined) fail(`cell '${cell}' has ${name} without index_${i + 1}`, group, file);
      axes.push({ slot, index: this.axis(points!, this.units[unit], group, name, cell) });
      size *= points!.length;
    });
    const texts = group.attributes.get('values');
    if (texts === undefined) fail(`cell '${cell}' has ${name} without values`, group, file, 'values (…)');
    const values = numbers(texts!);
    if (values === undefined) fail(`cell '${cell}' has ${name} with a value that is no number`, group, file);
    if (values!.length !== size) {
      fail(
        `cell '${cell}' has ${name} of ${values!.length} values`,
        group,
        file,
        axes.length === 0 ? '1' : `${size} (${axes.map(a => a.index.length).join(' × ')})`,
      );
    }
    return new LookupTable(
      axes,
      Float64Array.from(values!, x => x * factor),
    );
  }

  private index(group: LibertyGroup, axis: number): number[] | undefined {
    const texts = group.attributes.get(`index_${axis}`);
    if (texts === undefined) return undefined;
    const points = numbers(texts);
    if (points === undefined || points.length === 0) {
      fail(`index_${axis} of '${group.kind}' is no list of numbers`, group, this.file);
    }
    return points;
  }

  private axis(
    points: number[],
    unit: number,
    group: LibertyGroup,
    name: string,
    cell: string,
  ): Float64Array {
    const key = `${unit} ${points.join(' ')}`;
    let axis = this.axes.get(key);
    if (axis === undefined) {
      axis = Float64Array.from(points, x => x * unit);
      for (let i = 1; i < axis.length; i++) {
        if (!(axis[i]! > axis[i - 1]!)) {
          fail(`cell '${cell}' has ${name} with an index that does not rise`, group, this.file);
        }
      }
      this.axes.set(key, axis);
    }
    return axis;
  }
}

/** Numbers in texts such as "0.1, 0.2"; undefined when one is not finite. */
function numbers(texts: readonly string[]): number[] | undefined {
  const out: number[] = [];
  for (const text of texts) {
    for (const word of text.split(/[\s,]+/)) {
      if (word === '') continue;
      const value = Number(word);
      if (!Number.isFinite(value) || out.length >= valueLimit) return undefined;
      out.push(value);
    }
  }
  return out;
}
