// Text of the lines to be drawn: seeded patterns over the vocabulary (phrases, sentences, labels, amounts, dates, codes).
// Refuses to give the same text twice, so that calibration and evaluation lines never meet.

import { BitwrightError } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import { adjectives, months, nouns, surnames, towns, units, verbs } from './words.ts';

type Pattern = (r: Random) => string;

const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);
const digits = (r: Random, n: number): string => Array.from({ length: n }, () => r.below(10)).join('');
const upto = (r: Random, low: number, high: number): string => String(low + r.below(high - low));
const two = (n: number): string => String(n).padStart(2, '0');
const letters = (r: Random, n: number): string =>
  Array.from({ length: n }, () => 'ABCDEFGHJKLMNPRSTUVWXYZ'[r.below(23)]).join('');

const patterns: readonly Pattern[] = [
  r => `${r.pick(adjectives)} ${r.pick(nouns)}`,
  r => `${capital(r.pick(adjectives))} ${capital(r.pick(nouns))}`,
  r => `${r.pick(adjectives)} ${r.pick(nouns)}`.toUpperCase(),
  r => `${r.pick(nouns)} and ${r.pick(nouns)}`,
  r => `the ${r.pick(nouns)} ${r.pick(verbs)}`,
  r => `The ${r.pick(adjectives)} ${r.pick(nouns)} ${r.pick(verbs)}.`,
  r => `${capital(r.pick(nouns))}, ${r.pick(nouns)}`,
  r => `Does the ${r.pick(nouns)} work?`,
  r => `Keep the ${r.pick(nouns)} ${r.pick(adjectives)}!`,
  r => `${capital(r.pick(nouns))} ${upto(r, 1, 99)} of ${upto(r, 100, 999)}`,
  r => `${upto(r, 2, 500)} ${r.pick(units)} ${r.pick(nouns)}`,
  r => `Total: ${upto(r, 1, 4000)}.${digits(r, 2)}`,
  r => `${capital(r.pick(nouns))} $${upto(r, 1, 200)}.${digits(r, 2)}`,
  r => `${capital(r.pick(nouns))} ${upto(r, 2, 100)}% ${r.pick(['off', 'full', 'new'])}`,
  r => `${1 + r.below(28)} ${r.pick(months)} ${1900 + r.below(130)}`,
  r => `${1900 + r.below(130)}-${two(1 + r.below(12))}-${two(1 + r.below(28))}`,
  r => `${r.pick(towns)} ${two(r.below(24))}:${two(r.below(60))}`,
  r => `${r.pick(towns)} to ${r.pick(towns)}`,
  r => `${r.pick(['Dr', 'Mr', 'Mrs', 'Ms'])}. ${letters(r, 1)}. ${r.pick(surnames)}`,
  r => `${letters(r, 3)}-${digits(r, 4)}`,
  r => `${letters(r, 2)}${digits(r, 2)} ${letters(r, 3)}`,
  r => `+${upto(r, 20, 99)} ${digits(r, 3)} ${digits(r, 4)}`,
  r => `${r.pick(nouns)}@${r.pick(nouns)}.com`,
  r => `www.${r.pick(nouns)}-${r.pick(nouns)}.org`,
  r => `No. ${upto(r, 1, 90)} ${capital(r.pick(nouns))} Street`,
  r => `${capital(r.pick(nouns))} & ${capital(r.pick(nouns))} Ltd`,
  r => `(${r.pick(adjectives)} ${r.pick(nouns)})`,
  r => `${capital(r.pick(nouns))} #${upto(r, 1, 300)}: ${r.pick(adjectives)}`,
];

/**
 * `count` different texts, 7 to 32 characters of printable ASCII, none of them in `taken`.
 * @param taken texts given out before; the new ones are added to it
 */
export function lineTexts(random: Random, count: number, taken: Set<string>): string[] {
  const texts: string[] = [];
  let refused = 0;
  while (texts.length < count) {
    const text = patterns[texts.length % patterns.length]!(random);
    if (taken.has(text) || text.length < 7 || text.length > 32) {
      if (++refused > 1000 + 10 * count) throw new BitwrightError(`no ${count} different lines left`);
      continue;
    }
    taken.add(text);
    texts.push(text);
  }
  return texts;
}
