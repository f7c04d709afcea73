// SAT sweeping: which nets of a graph are equal (up to complement). Simulation proposes, SAT over growing parts of the
// cones proves or gives vectors that split what simulation held equal. Refuses to merge anything unproved.

import { AbortedError, UsageError } from '../../core/errors.ts';
import { noProgress, type ProgressFactory } from '../../core/progress.ts';
import { Random } from '../../core/random.ts';
import { type Aig, requireAig } from '../aig.ts';
import { Simulator } from '../simulate.ts';
import { ConeEncoder, coneGraph } from './cone.ts';
import { inputModel } from './prove.ts';
import { Solver } from './solver.ts';

export interface SweepOptions {
  /** Passes of simulation (512 vectors each) before the first proof, random ones and runs in turn; 1 to 1000, default 8. */
  rounds?: number | undefined;
  /** Conflicts for one pair of nets; default 1000. */
  conflicts?: number | undefined;
  /** ANDs of the two cones a proof may look at; default 4000. */
  coneLimit?: number | undefined;
  /** Seconds in all; past them what stands is returned. Default none. */
  seconds?: number | undefined;
  seed?: number | undefined;
  progress?: ProgressFactory | undefined;
  signal?: AbortSignal | undefined;
}

export interface SweepStatistics {
  /** Nets simulation held equal to an earlier one, at first. */
  candidates: number;
  merged: number;
  /** Pairs told apart by a vector SAT found, and pairs left undecided. */
  refuted: number;
  undecided: number;
  solverCalls: number;
  conflicts: number;
  seconds: number;
}

export interface SweepResult {
  /** By variable: the literal of the earliest net it is proved equal to, its own when there is none. */
  representative: Uint32Array;
  statistics: SweepStatistics;
}

/** Variables after which a solver is thrown away: answers slow down with what is of no concern to them. */
const solverVariables = 20_000;
const firstStage = 64;

/**
 * Merges the equal nets of a combinational graph (latches are read as inputs).
 * @throws UsageError for options out of range, AbortedError when the signal fires
 */
export function sweep(aig: Aig, options: SweepOptions = {}): SweepResult {
  requireAig('the netlist of sweep', aig);
  const begin = performance.now();
  const elapsed = (): number => (performance.now() - begin) / 1000;
  const conflicts = options.conflicts ?? 1000;
  const coneLimit = options.coneLimit ?? 4000;
  const rounds = options.rounds ?? 8;
  if (!(conflicts >= 1)) throw new UsageError(`${conflicts} conflicts`, { expected: 'at least 1' });
  if (!(coneLimit >= 1)) throw new UsageError(`cone limit ${coneLimit}`, { expected: 'at least 1' });
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 1000) {
    throw new UsageError(`${rounds} rounds of simulation`, { expected: '1 to 1000' });
  }
  const representative = Uint32Array.from({ length: aig.variableCount }, (_, v) => 2 * v);
  const statistics: SweepStatistics = {
    candidates: 0,
    merged: 0,
    refuted: 0,
    undecided: 0,
    solverCalls: 0,
    conflicts: 0,
    seconds: 0,
  };
  const classes = new Classes(aig, rounds, new Random(options.seed ?? 1));
  statistics.candidates = classes.candidates();
  const graph = coneGraph(aig);
  let cone = new ConeEncoder(graph, new Solver(), { merged: representative });
  const bar = (options.progress ?? noProgress)('sweep', aig.variableCount, ' nets');
  const refute = (a: number, b: number): boolean => {
    classes.split(inputModel(aig, cone));
    return classes.leader(a) !== classes.leader(b);
  };
  const compare = (leader: number, v: number, literal: number): void => {
    if (cone.solver.variableCount > solverVariables || cone.solver.outOfMemory) {
      cone = new ConeEncoder(graph, new Solver(), { merged: representative });
    }
    for (let limit = firstStage; ; limit *= 4) {
      const { complete, opened } = cone.open([2 * v, literal], Math.min(limit, coneLimit));
      const last = complete || opened >= coneLimit;
      const before = cone.solver.statistics().conflicts;
      const answer = cone.compare(
        2 * v,
        literal,
        last ? conflicts : Math.ceil(conflicts / 4),
        undefined,
        options.signal,
      );
      statistics.solverCalls++;
      statistics.conflicts += cone.solver.statistics().conflicts - before;
      if (answer === 'unsat') {
        const x = cone.literal(2 * v);
        const y = cone.literal(literal);
        if (x !== y) {
          cone.solver.addClause([-x, y]);
          cone.solver.addClause([x, -y]);
        }
        representative[v] = cone.representative(literal);
        statistics.merged++;
        return;
      }
      if (!last) continue;
      if (answer === 'sat' && refute(leader, v)) statistics.refuted++;
      else {
        statistics.undecided++;
        classes.isolate(v);
      }
      return;
    }
  };
  for (let v = aig.firstAnd; v < aig.variableCount; v++) {
    if (options.signal?.aborted === true) throw new AbortedError('sweep stopped');
    if (options.seconds !== undefined && elapsed() >= options.seconds) break;
    // each refutation splits the class: the net may still equal the leader of what it is left in
    for (
      let leader = classes.leader(v);
      leader !== v && representative[v] === 2 * v;
      leader = classes.leader(v)
    ) {
      compare(leader, v, (2 * leader) ^ classes.differ(leader, v));
    }
    if ((v & 255) === 0) bar.update(v);
  }
  bar.end();
  statistics.seconds = elapsed();
  return { representative, statistics };
}

const none = -1;

/**
 * Vectors made of a few runs of equal bits along the inputs: where operands are sign-extended, nearly empty or nearly
 * full, nets differ that random vectors hold equal.
 */
function runs(inputs: number, block: Uint32Array, blockWords: number, random: Random): void {
  block.fill(0, blockWords, (1 + inputs) * blockWords);
  for (let lane = 0; lane < 32 * blockWords; lane++) {
    const change = 1 / (2 + random.below(Math.max(1, inputs)));
    let bit = random.below(2);
    for (let i = 0; i < inputs; i++) {
      if (random.uniform() < change) bit ^= 1;
      block[(1 + i) * blockWords + (lane >>> 5)]! |= bit << (lane & 31);
    }
  }
}

/** Nets equal, up to complement, on every vector simulated so far. */
class Classes {
  private readonly simulator: Simulator;
  private readonly random: Random;
  /** By variable: 1 when the net is 1 on the first vector ever simulated. */
  private readonly phase: Uint8Array;
  private readonly classOf: Int32Array;
  /** Members of each class with more than one, ascending. */
  private readonly members: (number[] | undefined)[] = [];

  constructor(aig: Aig, rounds: number, random: Random) {
    this.simulator = new Simulator(aig);
    this.random = random;
    const { blockWords } = this.simulator;
    this.phase = new Uint8Array(aig.variableCount);
    this.classOf = new Int32Array(aig.variableCount);
    this.members.push(Array.from({ length: aig.variableCount }, (_, v) => v));
    for (let round = 0; round < rounds; round++) {
      const block = this.simulator.block();
      if (round % 2 === 0) {
        for (let at = blockWords; at < aig.firstAnd * blockWords; at++) block[at] = random.uint32();
      } else {
        runs(aig.firstAnd - 1, block, blockWords, random);
      }
      // all zeros and all ones are vectors too
      if (round === 0) {
        for (let v = 1; v < aig.firstAnd; v++) block[v * blockWords] = (block[v * blockWords]! & ~3) | 2;
      }
      this.simulator.evaluate();
      if (round === 0) {
        const rows = this.simulator.block();
        for (let v = 0; v < aig.variableCount; v++) this.phase[v] = rows[v * blockWords]! & 1;
      }
      this.refine();
    }
  }

  /** Nets that are not the first of their class. */
  candidates(): number {
    return this.members.reduce((sum, m) => sum + (m === undefined ? 0 : m.length - 1), 0);
  }

  leader(v: number): number {
    const id = this.classOf[v]!;
    return id === none ? v : this.members[id]![0]!;
  }

  /** 1 when two nets of one class are complements. */
  differ(a: number, b: number): number {
    return this.phase[a]! ^ this.phase[b]!;
  }

  /** Takes a net out of its class. */
  isolate(v: number): void {
    const id = this.classOf[v]!;
    if (id === none) return;
    this.place(
      id,
      this.members[id]!.filter(m => m !== v),
    );
    this.classOf[v] = none;
  }

  /** Splits classes by an assignment and, beside it, vectors that differ from it in few inputs. */
  split(inputs: Uint8Array): void {
    const { blockWords } = this.simulator;
    const block = this.simulator.block();
    const lanes = 32 * blockWords;
    for (let i = 0; i < inputs.length; i++)
      block.fill(inputs[i] === 1 ? 0xffffffff : 0, (1 + i) * blockWords, (2 + i) * blockWords);
    for (let lane = 1; lane < lanes && inputs.length > 0; lane++) {
      for (let flips = 1 + (lane & 3); flips > 0; flips--) {
        block[(1 + this.random.below(inputs.length)) * blockWords + (lane >>> 5)]! ^= 1 << (lane & 31);
      }
    }
    this.simulator.evaluate();
    this.refine();
  }

  private place(id: number, members: number[]): void {
    if (members.length > 1) {
      this.members[id] = members;
      for (const v of members) this.classOf[v] = id;
      return;
    }
    this.members[id] = undefined;
    for (const v of members) this.classOf[v] = none;
  }

  /** Splits every class by the rows now in the simulator. */
  private refine(): void {
    const { blockWords } = this.simulator;
    const block = this.simulator.block();
    const count = this.members.length;
    for (let id = 0; id < count; id++) {
      const members = this.members[id];
      if (members === undefined) continue;
      const first = members[0]!;
      const stay: number[] = [];
      const leave = new Map<string, number[]>();
      for (const v of members) {
        const flip = -(this.phase[first]! ^ this.phase[v]!);
        const p = first * blockWords;
        const q = v * blockWords;
        let w = 0;
        while (w < blockWords && block[p + w] === (block[q + w]! ^ flip) >>> 0) w++;
        if (w === blockWords) stay.push(v);
        else {
          const mask = -this.phase[v]!;
          const key = Array.from(block.subarray(q, q + blockWords), x => (x ^ mask) >>> 0).join();
          const list = leave.get(key);
          if (list === undefined) leave.set(key, [v]);
          else list.push(v);
        }
      }
      if (leave.size === 0) continue;
      this.place(id, stay);
      for (const list of leave.values()) this.place(this.members.push(undefined) - 1, list);
    }
  }
}
