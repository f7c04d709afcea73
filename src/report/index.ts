// Public face of the report room: the model, its renderers, and helpers that write files.

export { type ConsoleOptions, renderConsole, renderConsoleTable } from './console.ts';
export { markDifferences } from './differences.ts';
export { renderHtml } from './html/page.ts';
export { renderJson, reportSchema } from './json.ts';
export { renderJunit } from './junit.ts';
export type * from './model.ts';
export { plainText } from './model.ts';
export { paretoFront } from './svg/pareto.ts';
export { displayWidth, escapeXml, formatNumber, formatWithError } from './text.ts';
export { openReport, type WriteReportOptions, type WrittenReport, writeReport } from './write.ts';
