// Writes a report's files and says where they are. Opens a browser only when asked to.
// Refuses to run a shell: the path goes to the opener as one argument.

import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireObject, requireText } from '../core/arguments.ts';
import { writeFileAtomic } from '../core/files.ts';
import { renderHtml } from './html/page.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import type { Report } from './model.ts';

export interface WriteReportOptions {
  /** Stem of the file names; default `report`. */
  name?: string | undefined;
  /** Which files; default html and json. */
  formats?: readonly ('html' | 'json' | 'junit')[] | undefined;
}

export interface WrittenReport {
  html?: string | undefined;
  json?: string | undefined;
  junit?: string | undefined;
}

/**
 * Writes NAME.html, NAME.json (without picture data) and NAME.junit.xml into a folder, each atomically.
 * @returns the absolute paths written
 * @throws InputError when the folder cannot be written
 */
export function writeReport(report: Report, folder: string, options: WriteReportOptions = {}): WrittenReport {
  requireObject('the report', report, 'sections', 'an object such as { title, sections: [] }');
  requireText('the folder of the report', folder, 'a folder to write to');
  const stem = join(resolve(folder), options.name ?? 'report');
  const written: WrittenReport = {};
  for (const format of options.formats ?? ['html', 'json']) {
    const path = format === 'junit' ? `${stem}.junit.xml` : `${stem}.${format}`;
    const render = {
      html: renderHtml,
      json: (r: Report) => renderJson(r, { images: false }),
      junit: renderJunit,
    };
    writeFileAtomic(path, render[format](report));
    written[format] = path;
  }
  return written;
}

/**
 * Says where a page is, and opens it in the user's browser only if `open` is true.
 * @param print where the line goes, e.g. the command context's `print`
 */
export function openReport(path: string, options: { open?: boolean; print: (line: string) => void }): void {
  const absolute = resolve(path);
  options.print(`report: ${absolute}`);
  if (options.open !== true) return;
  const url = pathToFileURL(absolute).href;
  const opener: Record<string, [string, string[]]> = {
    darwin: ['open', [url]],
    win32: ['explorer.exe', [url]],
  };
  const [program, words] = opener[process.platform] ?? ['xdg-open', [url]];
  const child = spawn(program, words, { stdio: 'ignore', detached: true });
  child.on('error', () => {
    options.print(`no program to open it with (${program}); open it by hand`);
  });
  child.unref();
}
