// Measures the netlist room: generating, writing and reading large AIGER files, structural hashing, simulation, and the
// text formats on a 256-bit array multiplier.
// usage: node bench/netlist.mjs [width of the large array multiplier, default 2048]
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  generateMultiplier,
  readAiger,
  readNetlist,
  Simulator,
  strash,
  writeAigerFile,
  writeNetlist,
} from '../dist/netlist/index.js';
import { keep, machine, versionOf } from './keep.mjs';

const width = Number(process.argv[2] ?? 2048);
const folder = mkdtempSync(join(tmpdir(), 'netlist-'));
/** Value, wall seconds, and seconds of CPU (all threads of the process), which a loaded machine does not stretch. */
const timed = work => {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const value = work();
  const wall = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return [value, wall, (user + system) / 1e6];
};
const rows = [];
const formats = [];
try {
  for (const n of [...new Set([512, width])]) {
    const path = join(folder, `csa${n}.aig`);
    const [aig, generateSeconds, generateCpuSeconds] = timed(() => generateMultiplier({ width: n }));
    const [, writeSeconds] = timed(() => writeAigerFile(aig, path));
    const [back, readSeconds, readCpuSeconds] = timed(() => readAiger(path));
    const row = {
      circuit: `csa${n}`,
      ands: back.andCount,
      fileBytes: statSync(path).size,
      generateSeconds,
      generateCpuSeconds,
      writeSeconds,
      readSeconds,
      readCpuSeconds,
      readAndsPerSecond: back.andCount / readSeconds,
    };
    if (n === 512) {
      const [hashed, strashSeconds, strashCpuSeconds] = timed(() => strash(back).aig);
      row.strashAndsPerSecond = back.andCount / strashSeconds;
      row.strashAndsPerCpuSecond = back.andCount / strashCpuSeconds;
      if (hashed.andCount !== back.andCount) throw new Error('strash changed a hashed graph');
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
  const aig = generateMultiplier({ width: 256 });
  for (const format of ['aag', 'blif', 'bench', 'v', 'json']) {
    const path = join(folder, `csa256.${format}`);
    const [, writeSeconds, writeCpuSeconds] = timed(() => writeNetlist(aig, path));
    const [back, readSeconds, readCpuSeconds] = timed(() => readNetlist(path));
    if (back.andCount !== aig.andCount) throw new Error(`${format} lost ANDs`);
    const row = {
      format,
      ands: aig.andCount,
      fileBytes: statSync(path).size,
      writeSeconds,
      readSeconds,
      writeAndsPerCpuSecond: aig.andCount / writeCpuSeconds,
      readAndsPerCpuSecond: aig.andCount / readCpuSeconds,
    };
    formats.push(row);
    process.stdout.write(`${JSON.stringify(row)}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const peakBytes = process.resourceUsage().maxRSS * 1024;
keep('netlist', {
  date: new Date().toISOString(),
  version: versionOf(),
  machine: { ...machine(), load: loadavg()[0] },
  ...{ peakBytes, rows, formats },
});
process.stdout.write(`peak ${(peakBytes / 1e9).toFixed(2)} GB\n`);
