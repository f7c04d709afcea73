// The checks of a report as JUnit XML, for continuous integration.
// Refuses to emit characters XML 1.0 forbids; an unknown verdict is a skipped test, never a passed one.

import type { CheckCase, Checks, Report } from './model.ts';
import { cleanLine, cleanText, escapeXml } from './text.ts';

/**
 * One `<testsuite>` for each checks block, in the report's order.
 * @param source a whole report, or only its checks
 */
export function renderJunit(source: Report | readonly Checks[], options: { name?: string } = {}): string {
  const suites = 'sections' in source ? source.sections.flatMap(s => s.blocks.filter(isChecks)) : source;
  const name = options.name ?? ('sections' in source ? source.title : 'bitwright');
  const all = suites.flatMap(suite => suite.cases);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${attribute(name)}" ${counts(all)}>`,
  ];
  for (const suite of suites) {
    lines.push(`  <testsuite name="${attribute(suite.suite)}" ${counts(suite.cases)}>`);
    for (const item of suite.cases) lines.push(...caseLines(item, suite.suite));
    lines.push('  </testsuite>');
  }
  lines.push('</testsuites>', '');
  return lines.join('\n');
}

function isChecks(block: { kind: string }): block is Checks {
  return block.kind === 'checks';
}

function attribute(text: string): string {
  return escapeXml(cleanLine(text));
}

function counts(cases: readonly CheckCase[]): string {
  const of = (...statuses: CheckCase['status'][]): number =>
    cases.filter(item => statuses.includes(item.status)).length;
  const time = cases.reduce((sum, item) => sum + (item.seconds ?? 0), 0);
  return `tests="${cases.length}" failures="${of('failed')}" errors="${of('error')}" skipped="${of('unknown', 'skipped')}" time="${time.toFixed(3)}"`;
}

function caseLines(item: CheckCase, suite: string): string[] {
  const time = item.seconds === undefined ? '' : ` time="${item.seconds.toFixed(3)}"`;
  const open = `    <testcase name="${attribute(item.name)}" classname="${attribute(item.className ?? suite)}"${time}`;
  const details = item.details === undefined ? undefined : escapeXml(cleanText(item.details));
  if (item.status === 'passed') {
    return details === undefined
      ? [`${open}/>`]
      : [`${open}>`, `      <system-out>${details}</system-out>`, '    </testcase>'];
  }
  const element = item.status === 'failed' ? 'failure' : item.status === 'error' ? 'error' : 'skipped';
  const message = item.message ?? (item.status === 'unknown' ? 'unknown: the budget ran out' : item.status);
  const body = `      <${element} message="${attribute(message)}"`;
  return [
    `${open}>`,
    details === undefined ? `${body}/>` : `${body}>${details}</${element}>`,
    '    </testcase>',
  ];
}
