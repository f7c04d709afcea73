// Compares two value change dumps of one run: ours and a simulator's of the generated test bench. Reads what Icarus and
// we write; refuses nothing: a signal that only one dump has is counted, not compared.

const cycleUnits = 10;
const resetCycles = 16;

/** Signals by path with their changes: [time in ns, value] in order. */
export function readDump(text) {
  const signals = new Map();
  const byCode = new Map();
  const scopes = [];
  let time = 0;
  const unit = /\$timescale\s+(\d+)\s*(ps|ns)\s+\$end/.exec(text);
  const scale = unit === null ? 1 : Number(unit[1]) * (unit[2] === 'ps' ? 1e-3 : 1);
  for (const line of text.split('\n')) {
    const word = line.trim();
    const scope = /^\$scope \w+ (\S+)/.exec(word);
    const declared = /^\$var \w+ (\d+) (\S+) (\S+)/.exec(word);
    const bit = /^([01xz])(\S+)$/.exec(word);
    const vector = /^b([01xz]+) (\S+)$/.exec(word);
    if (scope !== null) scopes.push(scope[1]);
    else if (word.startsWith('$upscope')) scopes.pop();
    else if (declared !== null) {
      const changes = byCode.get(declared[2]) ?? [];
      byCode.set(declared[2], changes);
      signals.set([...scopes, declared[3]].join('.'), { width: Number(declared[1]), changes });
    } else if (/^#\d+$/.test(word)) time = Number(word.slice(1)) * scale;
    else if (vector !== null) byCode.get(vector[2])?.push([time, vector[1]]);
    else if (bit !== null) byCode.get(bit[2])?.push([time, bit[1]]);
  }
  return signals;
}

function valueAt({ width, changes }, time) {
  let value = 'x';
  for (const [t, v] of changes) {
    if (t > time) break;
    value = v;
  }
  return value.padStart(width, value[0] === '1' ? '0' : value[0]);
}

/**
 * @param ours dump of `writeVcd`
 * @param theirs dump of the test bench by a simulator
 * @param cycles length of the trace
 */
export function compareDumps(ours, theirs, cycles) {
  const a = readDump(ours);
  const b = readDump(theirs);
  const twice = [...b.keys()].some(key => key.startsWith('replay.dut_A.'));
  const counts = { signals: 0, absent: 0, values: 0, unknown: 0, different: 0 };
  for (const [path, signal] of a) {
    const parts = path.split('.').slice(1);
    const copy = parts[0] === 'A' || parts[0] === 'B' ? parts.shift() : undefined;
    const instances = copy !== undefined ? [`dut_${copy}`] : twice ? ['dut_A', 'dut_B'] : ['dut'];
    for (const instance of instances) {
      const other = b.get(['replay', instance, ...parts].join('.'));
      if (other === undefined) {
        counts.absent++;
        continue;
      }
      counts.signals++;
      for (let t = 0; t < cycles; t++) {
        const mine = valueAt(signal, t * cycleUnits);
        if (mine.includes('x')) continue;
        // half a nanosecond after the inputs change, long before the edge that ends the cycle
        const seen = valueAt(other, (resetCycles + t) * cycleUnits + 0.5);
        counts.values++;
        if (/[xz]/.test(seen)) counts.unknown++;
        else if (seen !== mine) {
          counts.different++;
          counts.first ??= `${path} in cycle ${t}: ${seen}, ours ${mine}`;
        }
      }
    }
  }
  return counts;
}
