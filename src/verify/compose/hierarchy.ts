// The instances of a top module and the nets between them, from Yosys without flattening.
// Refuses tops that have logic of their own: there is no channel to cut at.

import { InputError } from '../../core/errors.ts';
import { elaborate, withPlaces } from '../../synthesis/elaborate.ts';
import { placeFiles, type RtlSource } from '../../synthesis/source.ts';

export type Bit = number | string;

export interface Module {
  /** As Yosys calls it: one name for each set of parameters. */
  key: string;
  /** As the source calls it. */
  name: string;
  parameters: Record<string, string>;
}

export interface Instance {
  name: string;
  module: Module;
  /** Nets on the module's ports. */
  pins: ReadonlyMap<string, readonly Bit[]>;
}

export interface Hierarchy {
  top: string;
  /** Nets on the top's own ports. */
  ports: ReadonlyMap<string, { direction: 'in' | 'out'; bits: readonly Bit[] }>;
  instances: readonly Instance[];
  /** Types of cells that are no modules; empty for a top that only connects. */
  logic: readonly string[];
}

interface JsonModule {
  attributes?: Record<string, string>;
  parameter_default_values?: Record<string, string>;
  ports: Record<string, { direction: string; bits: Bit[] }>;
  cells: Record<string, { type: string; connections: Record<string, Bit[]> }>;
}

/** @throws InputError with file and line for what Yosys refuses */
export async function readHierarchy(
  source: RtlSource,
  options: { timeoutSeconds?: number | undefined; signal?: AbortSignal | undefined } = {},
): Promise<Hierarchy> {
  const placed = placeFiles(source);
  const passes = ['proc', 'delete t:$scopeinfo t:$print', 'opt_expr; opt_clean', 'write_json modules.json'];
  return await withPlaces(placed, async () => {
    const result = await elaborate(placed, passes, options);
    const text = Buffer.from(result.files.get('modules.json')!).toString('utf8');
    return hierarchyOf(JSON.parse(text) as { modules: Record<string, JsonModule> });
  });
}

function hierarchyOf(json: { modules: Record<string, JsonModule> }): Hierarchy {
  const names = Object.keys(json.modules);
  const top = names.find(n => /1/.test(json.modules[n]!.attributes?.['top'] ?? '')) ?? names[0];
  if (top === undefined) throw new InputError('no module');
  const { ports, cells } = json.modules[top]!;
  const instances: Instance[] = [];
  const logic: string[] = [];
  const modules = new Map<string, Module>();
  for (const [name, cell] of Object.entries(cells)) {
    const inner = json.modules[cell.type];
    if (inner === undefined) {
      logic.push(cell.type);
      continue;
    }
    let module = modules.get(cell.type);
    if (module === undefined) {
      module = {
        key: cell.type,
        name: plainName(cell.type, inner),
        parameters: parametersOf(inner.parameter_default_values ?? {}),
      };
      modules.set(cell.type, module);
    }
    instances.push({ name, module, pins: new Map(Object.entries(cell.connections)) });
  }
  return {
    top: plainName(top, json.modules[top]!),
    ports: new Map(
      Object.entries(ports).map(([name, port]) => [
        name,
        { direction: port.direction === 'input' ? ('in' as const) : ('out' as const), bits: port.bits },
      ]),
    ),
    instances,
    logic: [...new Set(logic)],
  };
}

function plainName(key: string, module: JsonModule): string {
  const named = module.attributes?.['hdlname'];
  if (named !== undefined && /^[A-Za-z_]\w*$/.test(named)) return named;
  return /^\$paramod(?:\$[0-9a-f]+)?\\([^\\]+)/.exec(key)?.[1] ?? key;
}

/** Parameter values as Verilog constants; strings of bits in the file, most significant first. */
function parametersOf(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      /^[01xz]+$/.test(value) ? `${value.length}'b${value}` : JSON.stringify(value),
    ]),
  );
}
