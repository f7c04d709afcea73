// Handmade machines for tests and benches: FIFOs with token monitors, pipelines in two copies.
// Refuses to be realistic RTL: plain words over AigBuilder.

import type { Aig } from '../netlist/aig.ts';
import { AigBuilder } from '../netlist/builder.ts';

type Word = number[];

class Words extends AigBuilder {
  inputWord(name: string, width: number): Word {
    return this.addInputs(name, width);
  }

  latchWord(name: string, width: number, init = 0): Word {
    return Array.from({ length: width }, (_, i) =>
      this.addLatch(`${name}[${i}]`, init === 2 ? 2 : (init >> i) & 1),
    );
  }

  nextWord(word: Word, next: Word): void {
    for (const [i, bit] of word.entries()) this.setNext(bit, next[i]!);
  }

  mux(select: number, one: Word, zero: Word): Word {
    return one.map((bit, i) => this.addMux(select, bit, zero[i]!));
  }

  equals(a: Word, b: Word): number {
    return this.addAndAll(a.map((bit, i) => this.addXnor(bit, b[i]!)));
  }

  isValue(a: Word, n: number): number {
    return this.addAndAll(a.map((bit, i) => bit ^ 1 ^ ((n >> i) & 1)));
  }

  /** a + carry, wrapped. */
  increment(a: Word, carry: number): Word {
    return a.map(bit => {
      const sum = this.addXor(bit, carry);
      carry = this.addAnd(bit, carry);
      return sum;
    });
  }

  decrement(a: Word, borrow: number): Word {
    return a.map(bit => {
      const difference = this.addXor(bit, borrow);
      borrow = this.addAnd(bit ^ 1, borrow);
      return difference;
    });
  }

  /** memory[address], by a tree of multiplexers; the memory's length is a power of two. */
  select(memory: Word[], address: Word): Word {
    let layer = memory;
    for (const bit of address) {
      const next: Word[] = [];
      for (let i = 0; i < layer.length; i += 2) next.push(this.mux(bit, layer[i + 1]!, layer[i]!));
      layer = next;
    }
    return layer[0]!;
  }
}

export interface FifoShape {
  /** Slots, a power of two. */
  depth: number;
  width: number;
  /** A seeded fault: pushes are accepted when full. */
  overflow?: boolean | undefined;
  /** How order and content are watched; default 'marked'. */
  monitor?: 'marked' | 'colours' | undefined;
  /** Names of latches are left out. */
  nameless?: boolean | undefined;
}

/**
 * A FIFO in a ring of registers without reset, pointers and a count, watched by
 * 'marked': one token, chosen freely, is remembered with the number of tokens ahead of it, and must come out as it went
 * in when none is ahead;
 * 'colours': the data independence monitor: the environment sends 0*110* on every bit, and 0*110* must come out.
 */
export function fifo(shape: FifoShape): Aig {
  const { depth, width } = shape;
  const b = new Words();
  const address = Math.log2(depth);
  const push = b.addInput('push');
  const pop = b.addInput('pop');
  const mark = b.addInput('mark');
  const data = shape.monitor === 'colours' ? [b.addInput('one')] : b.inputWord('data', width);
  const memory = Array.from({ length: depth }, (_, i) => b.latchWord(`memory[${i}]`, width, 2));
  const write = b.latchWord('write', address);
  const read = b.latchWord('read', address);
  const count = b.latchWord('count', address + 1);
  const full = b.isValue(count, depth);
  const empty = b.isValue(count, 0);
  const taken = b.addAnd(push, shape.overflow === true ? 1 : full ^ 1);
  const given = b.addAnd(pop, empty ^ 1);
  const payload = data.length === width ? data : Array.from({ length: width }, () => data[0]!);
  for (const [i, slot] of memory.entries()) {
    b.nextWord(slot, b.mux(b.addAnd(taken, b.isValue(write, i)), payload, slot));
  }
  b.nextWord(write, b.increment(write, taken));
  b.nextWord(read, b.increment(read, given));
  b.nextWord(count, b.decrement(b.increment(count, taken), given));
  const out = b.select(memory, read);
  if (shape.monitor === 'colours') {
    const one = payload[0]!;
    const sent = colours(b, 'sent', taken, one);
    b.addConstraint(sent.wrong ^ 1);
    // all bits alike, and the same story
    const story = colours(b, 'got', given, out[0]!);
    const torn = b.addAnd(given, b.addOrAll(out.map(bit => b.addXor(bit, out[0]!))));
    b.addBad(b.addOr(story.wrong, torn), 'order');
    return finish(b, shape);
  }
  const marked = b.addLatch('marked');
  const flying = b.addLatch('flying');
  const ahead = b.latchWord('ahead', address + 1);
  const token = b.latchWord('token', width, 2);
  const start = b.addAnd(b.addAnd(mark, taken), marked ^ 1);
  const leaves = b.addAnd(b.addAnd(flying, given), b.isValue(ahead, 0));
  b.setNext(marked, b.addOr(marked, start));
  b.setNext(flying, b.addOr(start, b.addAnd(flying, leaves ^ 1)));
  b.nextWord(ahead, b.mux(start, b.decrement(count, given), b.decrement(ahead, b.addAnd(flying, given))));
  b.nextWord(token, b.mux(start, data, token));
  b.addBad(b.addAnd(leaves, b.equals(out, token) ^ 1), 'order');
  return finish(b, shape);
}

function finish(b: Words, shape: FifoShape): Aig {
  const built = b.build();
  if (shape.nameless === true) built.names.latches = undefined;
  return built;
}

/** Follows 0*110*: `wrong` when the token moving now does not fit. */
function colours(b: Words, name: string, moves: number, one: number): { wrong: number } {
  const first = b.addLatch(`${name}_first`);
  const second = b.addLatch(`${name}_second`);
  b.setNext(first, b.addOr(first, b.addAnd(moves, one)));
  b.setNext(second, b.addOr(second, b.addAnd(first, b.addAnd(moves, one))));
  const mustBeOne = b.addAnd(first, second ^ 1);
  const wrong = b.addAnd(moves, b.addMux(one, second, mustBeOne));
  return { wrong };
}
