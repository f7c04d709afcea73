// The answers as a report: a table, the checks for JUnit, and each failing run with its timing diagram.

import type { Block, CheckCase, Report } from '../report/index.ts';
import { describeInterface } from './interface.ts';
import type { LoadedDesign } from './load.ts';
import { type PropertyResult, propertyTitles } from './results.ts';
import { traceBlocks } from './traces/index.ts';

export interface ReportAbout {
  files: readonly string[];
  version: string;
  seconds: number;
}

export function verifyReport(
  loaded: LoadedDesign,
  results: readonly PropertyResult[],
  about: ReportAbout,
): Report {
  const { design, found } = loaded;
  const count = (verdict: string): number => results.filter(r => r.verdict === verdict).length;
  const vacuous = results.filter(r => r.vacuous);
  return {
    title: `${design.name}: latency-insensitive verification`,
    summary: `${count('proved')} proved, ${count('refuted')} refuted, ${count('unknown')} unknown${vacuous.length > 0 ? `; ${vacuous.length} of the proofs vacuous` : ''}.`,
    facts: [
      ['files', about.files.join(', ')],
      ['state', `${design.aig.latchCount} bits after reset`],
      ['time', `${about.seconds.toFixed(1)} s`],
      ['bitwright', about.version],
    ],
    sections: [
      {
        title: 'Answers',
        blocks: [resultTable(results), ...vacuous.map(vacuousWarning), checksOf(design.name, results)],
      },
      ...results.flatMap(r =>
        r.trace === undefined
          ? []
          : [
              {
                title: `${r.property}: ${r.failure ?? 'refuted'}`,
                blocks: [{ kind: 'paragraph' as const, text: r.trace.summary }, ...traceBlocks(r.trace)],
              },
            ],
      ),
      {
        title: 'What was checked',
        blocks: [
          {
            kind: 'preformatted',
            title: 'Interface',
            text: describeInterface(loaded.source, found).join('\n'),
          },
          ...coverBlocks(results),
          ...garbageBlocks(results),
        ],
      },
    ],
  };
}

/** The table that the terminal shows too. */
export function resultTable(results: readonly PropertyResult[]): Block {
  const tone = { proved: 'good', refuted: 'bad', unknown: 'warn' } as const;
  return {
    kind: 'table',
    columns: [
      { key: 'property', label: 'property' },
      { key: 'meaning', label: 'meaning' },
      { key: 'verdict', label: 'verdict' },
      { key: 'method', label: 'by' },
      { key: 'depth', label: 'depth', digits: 0 },
      ...(results.some(r => r.traceLength !== null)
        ? [{ key: 'length', label: 'trace', unit: 'cycles', digits: 0 }]
        : []),
      { key: 'seconds', label: 'time', unit: 's', digits: 2 },
      { key: 'remark', label: 'remark' },
    ],
    rows: results.map(r => ({
      property: r.property,
      meaning: propertyTitles[r.kind],
      verdict: {
        value: r.vacuous ? 'proved, vacuous' : r.verdict,
        tone: r.vacuous ? 'warn' : tone[r.verdict],
      },
      method: r.method,
      depth: r.depth,
      length: r.traceLength,
      seconds: r.seconds,
      remark: remarkOf(r),
    })),
  };
}

export function remarkOf(r: PropertyResult): string {
  const parts = [r.failure, r.reason].filter(x => x !== null);
  if (r.kind === 'P2' && r.bound !== null) parts.push(`N = ${r.bound}`);
  if (r.kind === 'P3' && r.bound !== null) parts.push(`skew up to ${r.bound}`);
  return parts.join('; ');
}

function vacuousWarning(r: PropertyResult): Block {
  const missed = r.covers.filter(c => c.outcome !== 'reached').map(c => `${c.label}: ${c.outcome}`);
  return {
    kind: 'warning',
    level: 'warning',
    text: `${r.property} holds, but says little: ${missed.join('; ')}.`,
  };
}

function checksOf(design: string, results: readonly PropertyResult[]): Block {
  const status: Record<PropertyResult['verdict'], CheckCase['status']> = {
    proved: 'passed',
    refuted: 'failed',
    unknown: 'unknown',
  };
  return {
    kind: 'checks',
    suite: design,
    shownElsewhere: true,
    cases: results.map(r => ({
      name: `${r.property} ${propertyTitles[r.kind]}`,
      className: design,
      status: status[r.verdict],
      seconds: r.seconds,
      message: r.vacuous ? 'vacuous: a cover was not reached' : remarkOf(r),
      details: r.trace?.summary,
    })),
  };
}

function coverBlocks(results: readonly PropertyResult[]): Block[] {
  const rows = results.flatMap(r =>
    r.covers.map(c => ({ property: r.property, cover: c.label, outcome: c.outcome, step: c.step })),
  );
  if (rows.length === 0) return [];
  return [
    {
      kind: 'table',
      title: 'Covers',
      caption: 'A proof says something when every event it speaks of can happen.',
      columns: [
        { key: 'property', label: 'property' },
        { key: 'cover', label: 'event' },
        { key: 'outcome', label: 'outcome' },
        { key: 'step', label: 'first seen', unit: 'cycle', digits: 0 },
      ],
      rows,
    },
    {
      kind: 'table',
      title: 'Assumptions',
      columns: [
        { key: 'property', label: 'property' },
        { key: 'assumptions', label: 'the environment' },
      ],
      rows: results.map(r => ({ property: r.property, assumptions: r.assumptions.join('; ') || 'is free' })),
    },
  ];
}

function garbageBlocks(results: readonly PropertyResult[]): Block[] {
  return results.flatMap((r): Block[] =>
    r.garbage === undefined
      ? []
      : [
          {
            kind: 'paragraph',
            text:
              r.garbage.length === 0
                ? 'No register can hold invalid data.'
                : `Registers that invalid data may reach by structure: ${r.garbage.join(', ')}.`,
          },
        ],
  );
}
