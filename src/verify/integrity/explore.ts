// Walks every control state of a stream block with symbolic words in its data registers. Proves for words of any value
// that each output word is the oldest one inside. Refuses nothing by guessing: what it cannot decide is a suspicion.
// Data independence (Wolper 1986) makes the words symbolic; the join over paths is an abstract interpretation.

import type { Edges, Exploration, ExploreOptions } from './exploration.ts';
import { headOf } from './head.ts';
import { findRoles, type StreamDesign } from './stream.ts';
import { anything, evaluateTokens, TokenCodes, tokenOf, tokenProgram } from './tokens.ts';

export type { Edges, Exploration, ExploreOptions, Suspicion } from './exploration.ts';

interface State {
  control: Uint8Array;
  /** For each source the tag bits of its words, oldest first. */
  queues: number[][];
  content: Int32Array;
  parent: number;
  choice: number;
  depth: number;
  queued: boolean;
}

const mostChoices = 12;

/**
 * The reachable control states with the words in their registers. Undefined values count as "anything"; only when that
 * reaches a valid, a ready or a control register are they enumerated.
 */
export function explore(design: StreamDesign, options: ExploreOptions = {}): Exploration {
  const first = walk(design, options, false);
  return first.reason === undefinedDecides ? walk(design, options, true) : first;
}

const undefinedDecides = 'undefined values decide';

function walk(design: StreamDesign, options: ExploreOptions, enumerate: boolean): Exploration {
  const { maxStates = 1_000_000, memoryLimit = 2 ** 30, timeoutSeconds = 60, signal } = options;
  const end = performance.now() + 1000 * timeoutSeconds;
  const { aig, inputs, outputs } = design;
  const roles = findRoles(design);
  const { data, tags, dataLatches, controlLatches } = roles;
  const codes = new TokenCodes(inputs.length, data.length);
  const controlInputs = [...roles.freeInputs, ...(enumerate ? roles.undefinedInputs : [])];
  const choices = [
    ...inputs.map(c => c.valid >>> 1),
    ...outputs.map(c => c.ready >>> 1),
    ...inputs.flatMap(c => tags.map(b => c.payload[b]! >>> 1)),
    ...controlInputs,
  ];
  const openLatches = controlLatches.filter(i => aig.latchInit[i] === 2);
  const result: Exploration = {
    outcome: 'limit',
    roles,
    choices,
    openLatches,
    states: 0,
    capacity: 0,
    depth: 0,
    took: inputs.map(() => 0),
    gave: outputs.map(() => 0),
    inside: [],
  };
  if (choices.length > mostChoices) {
    result.reason = `${choices.length} inputs that control depends on`;
    return result;
  }
  if (openLatches.length > mostChoices) {
    result.reason = `${openLatches.length} control registers without reset`;
    return result;
  }
  const edges: Edges | undefined = options.edges
    ? { from: [], to: [], choice: [], took: [], gave: [], valid: [] }
    : undefined;
  result.edges = edges;
  // words inside at most: as many as data registers could hold, or for pure tags any register
  const roomOf = data.length > 0 ? dataLatches.length / data.length : controlLatches.length;
  const mostInside = Math.floor(roomOf);
  const values = new Int32Array(aig.variableCount);
  const program = tokenProgram(aig, roles.ands);
  const states: State[] = [];
  const byKey = new Map<string, number>();
  const queue: number[] = [];
  const keyOf = (control: Uint8Array, queues: readonly (readonly number[])[]): string => {
    let key = '';
    let word = 0;
    for (let i = 0; i < control.length; i++) {
      word = 2 * word + control[i]!;
      if (i % 15 === 14) {
        key += String.fromCharCode(word);
        word = 0;
      }
    }
    key += String.fromCharCode(word);
    for (const q of queues) key += `,${tags.length === 0 ? q.length : q.join('.')}`;
    return key;
  };
  const bytes = (): number => states.length * (controlLatches.length + 4 * dataLatches.length + 200);
  const enter = (
    control: Uint8Array,
    queues: number[][],
    content: Int32Array,
    parent: number,
    choice: number,
  ): number => {
    let key = keyOf(control, queues);
    if (options.exact === true) key += `;${content.join(' ')}`;
    const known = byKey.get(key);
    if (known === undefined) {
      const depth = parent < 0 ? 0 : states[parent]!.depth + 1;
      byKey.set(key, states.length);
      queue.push(states.length);
      states.push({ control, queues, content: content.slice(), parent, choice, depth, queued: true });
      result.depth = Math.max(result.depth, depth);
      const inside = queues.reduce((sum, q) => sum + q.length, 0);
      result.inside.push(inside);
      result.capacity = Math.max(result.capacity, inside);
      return states.length - 1;
    }
    const state = states[known]!;
    let changed = false;
    for (let i = 0; i < content.length; i++) {
      if (state.content[i] !== content[i] && state.content[i] !== anything) {
        state.content[i] = anything;
        changed = true;
      }
    }
    if (changed && !state.queued) {
      state.queued = true;
      queue.push(known);
    }
    return known;
  };
  const pathTo = (id: number): { path: number[]; start: number } => {
    const path: number[] = [];
    while (states[id]!.parent >= 0) {
      path.push(states[id]!.choice);
      id = states[id]!.parent;
    }
    return { path: path.reverse(), start: id };
  };
  const blank = new Int32Array(dataLatches.length).fill(anything);
  for (let start = 0; start < 2 ** openLatches.length; start++) {
    const control = Uint8Array.from(controlLatches, i => {
      const open = openLatches.indexOf(i);
      return open < 0 ? aig.latchInit[i]! : (start >> open) & 1;
    });
    enter(
      control,
      inputs.map(() => []),
      blank,
      -1,
      start,
    );
  }
  const lengths = new Int32Array(inputs.length);
  const took = new Int32Array(inputs.length);
  const gave = new Int32Array(inputs.length);
  const next = new Int32Array(dataLatches.length);
  for (let head = 0; head < queue.length; head++) {
    const id = queue[head]!;
    const state = states[id]!;
    state.queued = false;
    if ((head & 63) === 0) {
      if (signal?.aborted === true) result.reason = 'interrupted';
      else if (performance.now() > end) result.reason = `timeout of ${timeoutSeconds} s`;
      else if (bytes() > memoryLimit) result.reason = 'memory limit';
    }
    if (states.length > maxStates) result.reason = `more than ${maxStates} control states`;
    if (result.reason !== undefined) {
      result.states = states.length;
      return result;
    }
    for (let choice = 0; choice < 2 ** choices.length; choice++) {
      // inputs that are not enumerated and no data on valid wires are anything
      values.fill(anything, 1, 1 + aig.inputCount);
      values[0] = 0;
      choices.forEach((v, i) => {
        values[v] = (choice >> i) & 1;
      });
      inputs.forEach((c, s) => {
        lengths[s] = state.queues[s]!.length;
        const valid = values[c.valid >>> 1]! === 1;
        data.forEach((b, k) => {
          values[c.payload[b]! >>> 1] = valid ? codes.code(lengths[s]!, s, k) : anything;
        });
      });
      controlLatches.forEach((i, k) => {
        values[aig.latchVariable(i)] = state.control[k]!;
      });
      for (let k = 0; k < dataLatches.length; k++)
        values[aig.latchVariable(dataLatches[k]!)] = state.content[k]!;
      evaluateTokens(program, values);
      const decides = (literal: number): boolean => tokenOf(values, literal) < 2;
      if (
        !inputs.every(c => decides(c.ready)) ||
        !outputs.every(c => decides(c.valid)) ||
        !controlLatches.every(i => decides(aig.latchNext[i]!))
      ) {
        result.reason = undefinedDecides;
        result.states = states.length;
        return result;
      }
      let tookMask = 0;
      let gaveMask = 0;
      let validMask = 0;
      outputs.forEach((c, j) => {
        validMask |= (tokenOf(values, c.valid) & 1) << j;
      });
      const queues = state.queues.map(q => q.slice());
      inputs.forEach((c, s) => {
        took[s] = tokenOf(values, c.valid) & tokenOf(values, c.ready) & 1;
        gave[s] = 0;
        if (took[s] === 0) return;
        tookMask |= 1 << s;
        result.took[s]!++;
        let tag = 0;
        tags.forEach((b, k) => {
          tag |= tokenOf(values, c.payload[b]!) << k;
        });
        queues[s]!.push(tag);
      });
      let problem: string | undefined;
      for (let j = 0; j < outputs.length && problem === undefined; j++) {
        const c = outputs[j]!;
        if ((tokenOf(values, c.valid) & tokenOf(values, c.ready) & 1) === 0) continue;
        gaveMask |= 1 << j;
        result.gave[j]!++;
        const found = headOf(c, values, queues, roles, codes, gave);
        if (typeof found === 'string') problem = `${c.name}: ${found}`;
        else gave[found]!++;
      }
      for (let s = 0; s < inputs.length; s++) {
        queues[s]!.splice(0, gave[s]!);
        if (problem === undefined && queues[s]!.length > mostInside) {
          problem = `${inputs[s]!.name}: more words taken in than the registers can hold (lost)`;
        }
      }
      if (problem !== undefined) {
        const { path, start } = pathTo(id);
        result.outcome = 'suspicion';
        result.suspicion = { problem, path: [...path, choice], start };
        result.states = states.length;
        return result;
      }
      const control = Uint8Array.from(controlLatches, i => tokenOf(values, aig.latchNext[i]!) & 1);
      for (let k = 0; k < dataLatches.length; k++) {
        next[k] = codes.age(tokenOf(values, aig.latchNext[dataLatches[k]!]!), lengths, took, gave);
      }
      const to = enter(control, queues, next, id, choice);
      if (edges !== undefined) {
        edges.from.push(id);
        edges.to.push(to);
        edges.choice.push(choice);
        edges.took.push(tookMask);
        edges.gave.push(gaveMask);
        edges.valid.push(validMask);
      }
    }
  }
  result.outcome = 'closed';
  result.states = states.length;
  return result;
}
