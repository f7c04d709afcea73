// The style sheet of the HTML page: system fonts, one accent, light and dark, print, narrow screens.
// Refuses web fonts and anything else that would be fetched.

// Series colours after Okabe and Ito, told apart with any common colour vision; lighter ones on dark pages.
export const styleSheet = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f6f7f8; --ink: #1b1f24; --soft: #5a636e; --line: #dde1e6; --grid: #e8ebee;
  --accent: #0b5cad; --accent-soft: #e8f0f9; --quiet: #b3bac3;
  --good: #00704f; --bad: #b3261e; --warn: #8a5a00; --good-soft: #e3f4ed; --bad-soft: #fdecea; --warn-soft: #fdf3dd;
  --s0: #0072b2; --s1: #d55e00; --s2: #009e73; --s3: #b05c93; --s4: #b98500; --s5: #4a9fd4; --s6: #6b6f76; --s7: #7a4fbf;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --panel: #1c2025; --ink: #e6e9ed; --soft: #9aa4b0; --line: #333941; --grid: #272c33;
    --accent: #7ab8f5; --accent-soft: #1c2b3b; --quiet: #59626d;
    --good: #4cc79b; --bad: #ff8a80; --warn: #e9b44c; --good-soft: #16302a; --bad-soft: #3a1f1e; --warn-soft: #35290f;
    --s0: #4fa8e0; --s1: #f08a3c; --s2: #2fc397; --s3: #d991bd; --s4: #e2b33b; --s5: #8fd0f5; --s6: #a3a9b1; --s7: #b193ea;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-behavior: smooth; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 var(--sans); font-variant-numeric: tabular-nums; }
a { color: var(--accent); text-underline-offset: 0.15em; text-decoration-thickness: 1px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--page); padding: 0.4rem 0.8rem; z-index: 20; }
.layout { max-width: 76rem; margin: 0 auto; padding: 0 1.5rem; }
header.title { padding: 3rem 0 1.75rem; border-bottom: 1px solid var(--line); }
h1 { font-size: clamp(1.6rem, 1.2rem + 1.8vw, 2.3rem); line-height: 1.15; letter-spacing: -0.02em; margin: 0; font-weight: 650; text-wrap: balance; overflow-wrap: anywhere; }
.subtitle { color: var(--soft); font-size: 1.1rem; margin: 0.5rem 0 0; overflow-wrap: anywhere; }
.summary { font-size: 1.125rem; max-width: 46rem; margin: 1.25rem 0 0; text-wrap: pretty; }
dl.facts { display: flex; flex-wrap: wrap; gap: 0.2rem 1.6rem; margin: 1.4rem 0 0; font-size: 0.8125rem; color: var(--soft); }
dl.facts div { display: flex; gap: 0.45rem; min-width: 0; }
dl.facts dt { flex: none; } dl.facts dd { margin: 0; color: var(--ink); overflow-wrap: anywhere; min-width: 0; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 3rem; }
nav.contents { font-size: 0.875rem; padding: 1rem 0; border-bottom: 1px solid var(--line); }
nav.contents h2 { display: none; }
nav.contents ol { list-style: none; display: flex; flex-wrap: wrap; gap: 0.3rem 1.2rem; margin: 0; padding: 0; }
nav.contents a { color: var(--soft); text-decoration: none; display: block; overflow-wrap: anywhere; }
nav.contents a:hover { color: var(--accent); }
@media (min-width: 68rem) {
  .columns { grid-template-columns: minmax(0, 1fr) 13rem; }
  nav.contents { grid-column: 2; grid-row: 1; align-self: start; position: sticky; top: 0; border: 0; padding: 2.9rem 0 1rem; max-height: 100vh; overflow-y: auto; }
  nav.contents h2 { display: block; font-size: 0.75rem; letter-spacing: 0.06em; text-transform: uppercase; color: var(--soft); margin: 0 0 0.6rem; font-weight: 600; }
  nav.contents ol { display: block; border-left: 1px solid var(--line); }
  nav.contents a { padding: 0.22rem 0 0.22rem 0.9rem; margin-left: -1px; border-left: 2px solid transparent; }
  nav.contents a:hover, nav.contents a.here { border-left-color: var(--accent); color: var(--ink); }
  main { grid-column: 1; grid-row: 1; }
}
main { padding: 0.5rem 0 4rem; min-width: 0; }
section { padding-top: 2.2rem; }
h2 { font-size: 1.375rem; letter-spacing: -0.012em; margin: 0 0 0.9rem; font-weight: 640; line-height: 1.25; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 0 0 0.5rem; font-weight: 620; line-height: 1.35; overflow-wrap: anywhere; }
p { margin: 0 0 1rem; max-width: 46rem; overflow-wrap: break-word; text-wrap: pretty; }
.block { margin: 0 0 2rem; min-width: 0; }
.caption { color: var(--soft); font-size: 0.875rem; margin: 0.55rem 0 0; max-width: 46rem; }
code, pre { font-family: var(--mono); font-size: 0.875em; font-variant-ligatures: none; }
code { background: var(--panel); padding: 0.1em 0.3em; border-radius: 3px; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 5px; padding: 0.9rem 1.1rem; margin: 0; overflow-x: auto; line-height: 1.45; tab-size: 4; }
.muted { color: var(--soft); }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
.figures { display: flex; flex-wrap: wrap; gap: 1px; background: var(--line); border: 1px solid var(--line); border-radius: 6px; overflow: hidden; margin-bottom: 2rem; }
.figures > div { flex: 1 1 9.5rem; background: var(--page); padding: 1rem 1.15rem; min-width: 0; }
.figures dt { color: var(--soft); font-size: 0.8125rem; line-height: 1.3; }
.figures dd { margin: 0.25rem 0 0; }
.figures .number { font-size: 1.7rem; line-height: 1.2; letter-spacing: -0.02em; font-weight: 600; overflow-wrap: anywhere; }
.figures .unit { font-size: 0.95rem; color: var(--soft); margin-left: 0.2em; font-weight: 400; letter-spacing: 0; }
.figures .error { font-size: 0.95rem; color: var(--soft); margin-left: 0.35em; font-weight: 400; letter-spacing: 0; white-space: nowrap; }
.figures .note { font-size: 0.8125rem; color: var(--soft); }
.scroll { overflow-x: auto; }
.tall { max-height: 30rem; overflow-y: auto; border-bottom: 1px solid var(--line); }
table { border-collapse: collapse; font-size: 0.875rem; line-height: 1.4; width: 100%; }
th, td { padding: 0.42rem 0.75rem; text-align: left; vertical-align: baseline; border-bottom: 1px solid var(--grid); }
th:first-child, td:first-child { padding-left: 0.2rem; } th:last-child, td:last-child { padding-right: 0.2rem; }
thead th { font-weight: 600; color: var(--soft); border-bottom: 1px solid var(--quiet); vertical-align: bottom; font-size: 0.8125rem; position: sticky; top: 0; background: var(--page); z-index: 1; }
thead .unit { font-weight: 400; white-space: nowrap; }
tbody th { font-weight: 400; }
tbody tr:hover > * { background: var(--panel); }
.right { text-align: right; white-space: nowrap; } .center { text-align: center; }
td .error { color: var(--soft); font-size: 0.92em; }
tr.emphasis > * { font-weight: 640; background: var(--accent-soft); }
td.best { font-weight: 640; color: var(--good); }
td.best::after { content: "\\25c6"; font-size: 0.55em; vertical-align: 0.25em; margin-left: 0.4em; }
td.room::after { content: "\\25c6"; font-size: 0.55em; margin-left: 0.4em; visibility: hidden; }
td.databar { background: linear-gradient(to left, color-mix(in srgb, var(--s0) 18%, transparent) var(--bar), transparent var(--bar)) no-repeat right center / 100% 62%; }
table.dense :is(th, td):not(:first-child, :last-child) { padding-left: 0.4rem; padding-right: 0.4rem; }
.short { white-space: nowrap; }
.breakable { overflow-wrap: anywhere; min-width: 8rem; }
button.sort { all: unset; cursor: pointer; font: inherit; color: inherit; }
button.sort:hover { color: var(--ink); }
button.sort:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
button.sort::after { content: "\\2195"; opacity: 0; margin-left: 0.25em; font-size: 0.85em; }
button.sort:hover::after, button.sort:focus-visible::after { opacity: 0.6; }
th[aria-sort=ascending] button.sort::after { content: "\\2191"; opacity: 1; }
th[aria-sort=descending] button.sort::after { content: "\\2193"; opacity: 1; }
figure { margin: 0 0 2rem; container-type: inline-size; min-width: 0; }
figure svg { display: block; max-width: 100%; height: auto; font-family: var(--sans); font-size: 12px; fill: var(--ink); overflow: visible; }
.narrow-drawing { display: none; }
@container (max-width: 35rem) { .wide-drawing { display: none; } .narrow-drawing { display: block; } }
.plot:focus-visible { outline-offset: 6px; }
svg .grid { stroke: var(--grid); stroke-width: 1; } svg .base { stroke: var(--quiet); stroke-width: 1; }
svg .frame { fill: none; stroke: var(--quiet); stroke-width: 0.75; }
svg .tick { fill: var(--soft); font-size: 11.5px; } svg .axis { fill: var(--soft); font-size: 12px; }
svg .note { fill: var(--soft); font-size: 11px; } svg .name { font-size: 12px; } svg .strong { font-weight: 640; }
svg rect.mark { shape-rendering: geometricPrecision; } svg .cells rect.mark { shape-rendering: crispEdges; } svg .value { fill: var(--soft); font-size: 11.5px; }
svg .halo { paint-order: stroke; stroke: var(--page); stroke-width: 3px; stroke-linejoin: round; }
svg .whisker { fill: none; stroke: var(--ink); stroke-width: 1.1; opacity: 0.75; pointer-events: none; }
svg .reference { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 3; }
svg .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
svg .front { fill: none; stroke: var(--accent); stroke-width: 6; opacity: 0.22; stroke-linejoin: round; stroke-linecap: round; }
svg .mark:hover, svg .mark.active { stroke: var(--ink); stroke-width: 1.5; }
ul.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 1.2rem; margin: 0 0 0.6rem; padding: 0; font-size: 0.8125rem; color: var(--soft); }
ul.legend li { display: flex; align-items: center; gap: 0.4rem; }
ul.legend svg { flex: none; }
details { margin-top: 0.5rem; font-size: 0.875rem; }
summary { cursor: pointer; color: var(--soft); font-size: 0.8125rem; width: fit-content; }
summary:hover { color: var(--ink); }
details > .scroll { margin-top: 0.5rem; }
.rowbar { display: inline-block; width: 7rem; max-width: 30vw; height: 0.62em; background: linear-gradient(to right, var(--colour) var(--bar), var(--grid) var(--bar)); border-radius: 1px; }
.message { border-left: 3px solid var(--soft); background: var(--panel); padding: 0.7rem 1rem; border-radius: 0 5px 5px 0; margin: 0 0 1.25rem; max-width: 52rem; overflow-wrap: anywhere; }
.message strong:first-child { margin-right: 0.5em; }
.message.warning { border-color: var(--warn); background: var(--warn-soft); } .message.warning strong:first-child { color: var(--warn); }
.message.error { border-color: var(--bad); background: var(--bad-soft); } .message.error strong:first-child { color: var(--bad); }
.samples { display: grid; gap: 1.2rem; }
.sample { border: 1px solid var(--line); border-radius: 6px; overflow: hidden; }
.sample .picture { background: #ffffff; border-bottom: 1px solid var(--line); padding: 0.5rem 0.75rem; overflow-x: auto; }
.sample img { display: block; max-height: 3.5rem; max-width: none; height: auto; }
@media (max-width: 40rem) { .sample img { max-width: 100%; } }
.sample dl { display: grid; grid-template-columns: minmax(7rem, max-content) minmax(0, 1fr); gap: 0.15rem 1rem; margin: 0; padding: 0.6rem 0.75rem; font-size: 0.875rem; }
.sample dt { color: var(--soft); overflow-wrap: anywhere; } .sample dd { margin: 0; font-family: var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; }
mark { background: var(--bad-soft); color: var(--bad); font-weight: 640; border-bottom: 2px solid var(--bad); border-radius: 2px 2px 0 0; padding: 0 1px; }
del { color: var(--soft); text-decoration: line-through; text-decoration-color: var(--bad); }
.drawing { overflow-x: auto; background: #ffffff; border: 1px solid var(--line); border-radius: 6px; padding: 0.75rem; }
.drawing.adapts { background: var(--page); }
.drawing img { display: block; max-width: 100%; height: auto; }
.drawing.scrolls { display: flex; padding: 0.75rem 0; scrollbar-width: thin; }
.drawing.scrolls img { max-width: none; flex: none; }
.drawing .frozen { position: sticky; left: 0; z-index: 1; object-fit: none; object-position: left top; width: var(--frozen); }
.drawing.scrolls .whole { margin-left: calc(-1 * var(--frozen)); }
.status { white-space: nowrap; font-weight: 600; }
footer { border-top: 1px solid var(--line); padding: 1rem 0 3rem; color: var(--soft); font-size: 0.8125rem; }
#tip { position: fixed; z-index: 30; pointer-events: none; background: var(--ink); color: var(--page); font-size: 0.8125rem; line-height: 1.35; padding: 0.3rem 0.55rem; border-radius: 4px; max-width: 22rem; overflow-wrap: anywhere; }
#tip[hidden] { display: none; }
@media (max-width: 40rem) { .layout { padding: 0 1rem; } header.title { padding-top: 1.75rem; } th, td { padding: 0.4rem 0.5rem; } }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@media print {
  :root { color-scheme: light; --page: #fff; --panel: #f6f7f8; --ink: #000; --soft: #444; --line: #bbb; --grid: #ddd; --accent: #0b5cad; --accent-soft: #eef3f9; --quiet: #999; --good: #00603f; --bad: #a31f18; --warn: #6f4800; --good-soft: #eee; --bad-soft: #eee; --warn-soft: #eee;
    --s0: #0072b2; --s1: #d55e00; --s2: #009e73; --s3: #b05c93; --s4: #b98500; --s5: #4a9fd4; --s6: #6b6f76; --s7: #7a4fbf; }
  body { font-size: 10.5pt; } nav.contents, .skip, #tip, details:not([open]) { display: none; }
  .layout { max-width: none; padding: 0; } .columns { display: block; } header.title { padding-top: 0; }
  .tall { max-height: none; overflow: visible; } thead th { position: static; }
  figure, .sample, tr, .figures, .message { break-inside: avoid; } h2, h3 { break-after: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
