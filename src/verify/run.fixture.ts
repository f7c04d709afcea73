// Runs properties of RTL files in this thread, as the tests do.

import { engines } from '../engines/index.ts';
import { type LoadOptions, loadDesign } from './load.ts';
import type { PropertyResult } from './results.ts';
import { type VerifyOptions, verifyDesign } from './run.ts';

export interface ReducedConfig {
  parameters?: Record<string, number>;
  load?: LoadOptions;
  options?: VerifyOptions;
}

export async function run(files: string[], config: ReducedConfig): Promise<PropertyResult[]> {
  const { design, found } = await loadDesign(files, { parameters: config.parameters, ...config.load });
  return await verifyDesign(design, found, engines, { threads: 0, ...config.options });
}
