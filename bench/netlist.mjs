// Measures the netlist room: generating, writing and reading large AIGER files, and simulation.
// usage: node bench/netlist.mjs [width of the large array multiplier, default 2048]
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateMultiplier, readAiger, Simulator, writeAigerFile } from '../dist/netlist/index.js';

const width = Number(process.argv[2] ?? 2048);
const folder = mkdtempSync(join(tmpdir(), 'netlist-'));
const timed = work => {
  const start = performance.now();
  const value = work();
  return [value, (performance.now() - start) / 1000];
};
const rows = [];
try {
  for (const n of [...new Set([512, width])]) {
    const path = join(folder, `csa${n}.aig`);
    const [aig, generateSeconds] = timed(() => generateMultiplier({ width: n }));
    const [, writeSeconds] = timed(() => writeAigerFile(aig, path));
    const [back, readSeconds] = timed(() => readAiger(path));
    const row = {
      circuit: `csa${n}`,
      ands: back.andCount,
      fileBytes: statSync(path).size,
      generateSeconds,
      writeSeconds,
      readSeconds,
      readAndsPerSecond: back.andCount / readSeconds,
    };
    if (n === 512) {
      const simulator = new Simulator(back);
      simulator.evaluate();
      const passes = 20;
      const [, seconds] = timed(() => {
        for (let i = 0; i < passes; i++) simulator.evaluate();
      });
      row.simulatedGateVectorsPerSecond = (passes * back.andCount * simulator.blockWords * 32) / seconds;
    }
    rows.push(row);
    process.stdout.write(`${JSON.stringify(row)}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const peakBytes = process.resourceUsage().maxRSS * 1024;
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
const result = { date: new Date().toISOString(), version, machine, peakBytes, rows };
writeFileSync(new URL('results/netlist.json', import.meta.url), `${JSON.stringify(result, undefined, 2)}\n`);
process.stdout.write(`peak ${(peakBytes / 1e9).toFixed(2)} GB\n`);
