// A report as one HTML file that opens offline: style, drawings and script inside it.
// Refuses to fetch anything: a content security policy in the page itself forbids it, and any other script too.

import { createHash } from 'node:crypto';
import { requireObject } from '../../core/arguments.ts';
import type { Report } from '../model.ts';
import { plainText } from '../model.ts';
import { cleanLine, escapeXml } from '../text.ts';
import { blockHtml } from './blocks.ts';
import { richText } from './elements.ts';
import { pageScript } from './script.ts';
import { styleSheet } from './style.ts';

/** The whole page. Same report, same bytes: nothing of the clock or the machine goes in. */
export function renderHtml(report: Report): string {
  requireObject('the report', report, 'sections', 'an object such as { title, sections: [] }');
  const used = new Set<string>(['content', 'tip', 'live']);
  const ids = report.sections.map(section => uniqueId(section.id ?? section.title, used));
  const hash = createHash('sha256').update(pageScript).digest('base64');
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const contents =
    report.sections.length < 2
      ? ''
      : `<nav class="contents" aria-label="Contents"><h2>Contents</h2><ol>${report.sections
          .map((section, i) => `<li><a href="#${ids[i]!}">${escapeXml(cleanLine(section.title))}</a></li>`)
          .join('')}</ol></nav>`;
  const sections = report.sections.map(
    (section, i) =>
      `<section id="${ids[i]!}" aria-labelledby="${ids[i]!}-title">\n<h2 id="${ids[i]!}-title">${escapeXml(cleanLine(section.title))}</h2>\n${section.blocks.map(blockHtml).join('\n')}\n</section>`,
  );
  const title = escapeXml(cleanLine(report.title));
  const description = report.summary === undefined ? '' : cleanLine(plainText(report.summary));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">${description === '' ? '' : `\n<meta name="description" content="${escapeXml(description)}">`}
<title>${title}</title>
<style>${styleSheet}</style>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<div class="layout">
<header class="title">
<h1>${title}</h1>${report.subtitle === undefined ? '' : `\n<p class="subtitle">${escapeXml(cleanLine(report.subtitle))}</p>`}${report.summary === undefined ? '' : `\n<p class="summary">${richText(report.summary)}</p>`}${factsHtml(report)}
</header>
<div class="columns">
${contents}
<main id="content">
${sections.join('\n')}
</main>
</div>
<footer>Made by Bitwright. This page is self-contained: it opens offline and sends nothing anywhere.</footer>
</div>
<div id="tip" hidden></div><div id="live" class="skip" aria-live="polite"></div>
<script>${pageScript}</script>
</body>
</html>
`;
}

function factsHtml(report: Report): string {
  if (report.facts === undefined || report.facts.length === 0) return '';
  const items = report.facts.map(
    ([label, value]) =>
      `<div><dt>${escapeXml(cleanLine(label))}</dt><dd>${escapeXml(cleanLine(value))}</dd></div>`,
  );
  return `\n<dl class="facts">${items.join('')}</dl>`;
}

function uniqueId(text: string, used: Set<string>): string {
  const stem =
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 48) || 'section';
  let id = stem;
  for (let i = 2; used.has(id); i++) id = `${stem}-${i}`;
  used.add(id);
  return id;
}
