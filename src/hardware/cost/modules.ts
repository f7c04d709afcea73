// What each module of a unit takes of its area: the hierarchy kept, every module mapped once and by itself.
// Refuses to split the flat netlist, whose cells belong to no module any more; the sum says how far the two are apart.

import { InputError } from '../../core/errors.ts';
import { runYosys } from '../../synthesis/index.ts';
import type { RtlFile } from '../../synthesis/rtl.ts';
import type { TimingLibrary } from './library.ts';
import { surroundings } from './surroundings.ts';
import { modulesScript, type Recipe, type RunOptions } from './synthesis-jobs.ts';

export interface ModuleArea {
  name: string;
  /** How often it is there, over the whole hierarchy. */
  instances: number;
  /** Of one, without the modules inside, in the library's unit. */
  area: number;
  /** Of all of them. */
  total: number;
  /** Of the sum over all modules. */
  share: number;
}

interface YosysStat {
  modules: Record<string, { area?: number; num_cells_by_type?: Record<string, number> }>;
}

/**
 * @param clock ps
 * @returns modules by falling total; modules of no area (wiring) are left out
 */
export async function moduleAreas(
  files: readonly RtlFile[],
  top: string,
  library: TimingLibrary,
  options: RunOptions & { clock: number; recipe: Recipe },
): Promise<ModuleArea[]> {
  const { script, inputs } = modulesScript(files, top, library, surroundings(library), options);
  const { files: written } = await runYosys({
    ...{ script, files: inputs, timeoutSeconds: options.timeoutSeconds ?? 300, signal: options.signal },
  });
  const text = written.get('stat.json');
  if (text === undefined) throw new InputError('synthesis gave no statistics');
  return areasOf(JSON.parse(Buffer.from(text).toString('utf8')) as YosysStat, top, library);
}

/** Areas and counts from what Yosys `stat -json` tells of each module. */
export function areasOf(stat: YosysStat, top: string, library: TimingLibrary): ModuleArea[] {
  const modules = new Map(Object.entries(stat.modules).map(([name, m]) => [name.replace(/^\\/, ''), m]));
  const counts = new Map<string, number>();
  const count = (name: string, times: number): void => {
    counts.set(name, (counts.get(name) ?? 0) + times);
    for (const [type, number] of Object.entries(modules.get(name)?.num_cells_by_type ?? {})) {
      if (modules.has(type)) count(type, times * number);
    }
  };
  count(top, 1);
  const list = [...counts].map(([name, instances]) => {
    let area = 0;
    for (const [type, number] of Object.entries(modules.get(name)?.num_cells_by_type ?? {})) {
      area += number * (library.cells.get(type)?.area ?? 0);
    }
    return { name, instances, area, total: area * instances, share: 0 };
  });
  const sum = list.reduce((a, m) => a + m.total, 0);
  for (const m of list) m.share = sum > 0 ? m.total / sum : 0;
  return list.filter(m => m.area > 0).sort((a, b) => b.total - a.total);
}
