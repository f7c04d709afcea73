// Draws a small adder tree as SVG: layered layout by elkjs, adders as boxes, sums solid, carries dashed.

import type { Aig } from '../netlist/index.ts';
import { escapeXml } from '../report/index.ts';
import type { AdderList } from './exact/adders.ts';
import { adderWords } from './exact/adders.ts';
import type { AdderTree } from './exact/tree.ts';
import { literalNamer } from './names.ts';

interface Laid {
  id: string;
  x?: number;
  y?: number;
}
interface LaidEdge {
  id: string;
  sections?: { startPoint: Point; endPoint: Point; bendPoints?: Point[] }[];
}
interface Point {
  x: number;
  y: number;
}

// follows light and dark pages by itself
const styleSheet =
  ':root{--page:#fff;--ink:#0f172a;--sum:#475569;--carry:#b45309;--full:#1e3a5f;--half:#c7d7ea}' +
  '@media(prefers-color-scheme:dark){:root{--page:#14171b;--ink:#e6e9ed;--sum:#8b97a5;--carry:#f0a35e;--full:#34619a;--half:#c7d7ea}}';

/** The SVG of every adder of the list; nets that leave the trees end in a name. */
export async function drawAdderTree(aig: Aig, adders: AdderList, tree: AdderTree): Promise<string> {
  const { default: module } = await import('elkjs/lib/elk.bundled.js');
  // a CommonJS module: its default export is the class, which its types put one level deeper
  const Elk = module as unknown as new () => { layout(graph: unknown): Promise<unknown> };
  const name = literalNamer(aig);
  const producer = new Map<number, { adder: number; carry: boolean }>();
  for (let i = adders.count - 1; i >= 0; i--) {
    producer.set(adders.carry(i), { adder: i, carry: true });
    producer.set(adders.sum(i), { adder: i, carry: false });
  }
  const children: { id: string; width: number; height: number }[] = [];
  const edges: { id: string; sources: string[]; targets: string[] }[] = [];
  const dashed = new Set<string>();
  const labels = new Map<string, string>();
  for (let i = 0; i < adders.count; i++) children.push({ id: `a${i}`, width: 46, height: 26 });
  for (let i = 0; i < adders.count; i++) {
    for (let k = 0; k < 3; k++) {
      const net = adders.data[i * adderWords + k]!;
      const from = net === 0 ? undefined : producer.get(net);
      if (from === undefined || from.adder === i) continue;
      const id = `e${edges.length}`;
      edges.push({ id, sources: [`a${from.adder}`], targets: [`a${i}`] });
      if (from.carry) dashed.add(id);
    }
  }
  for (const root of tree.roots) {
    const from = producer.get(root)!;
    const id = `r${root}`;
    const text = name(2 * root).slice(0, 14);
    labels.set(id, text);
    children.push({ id, width: 8 * text.length + 8, height: 16 });
    const edge = `e${edges.length}`;
    edges.push({ id: edge, sources: [`a${from.adder}`], targets: [id] });
    if (from.carry) dashed.add(edge);
  }
  const elk = new Elk();
  const laid = (await elk.layout({
    id: 'root',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'DOWN',
      'elk.spacing.nodeNode': '14',
      'elk.layered.spacing.nodeNodeBetweenLayers': '26',
    },
    children,
    edges,
  })) as { width?: number; height?: number; children?: Laid[]; edges?: LaidEdge[] };
  const width = Math.ceil((laid.width ?? 100) + 8);
  const height = Math.ceil((laid.height ?? 100) + 8);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="11">`,
    `<style>${styleSheet}</style>`,
    `<rect width="${width}" height="${height}" fill="var(--page)"/>`,
  ];
  for (const edge of laid.edges ?? []) {
    for (const s of edge.sections ?? []) {
      const points = [s.startPoint, ...(s.bendPoints ?? []), s.endPoint];
      const path = points.map((p, k) => `${k === 0 ? 'M' : 'L'}${p.x.toFixed(1)} ${p.y.toFixed(1)}`).join('');
      const dash = dashed.has(edge.id)
        ? ' stroke-dasharray="4 3" stroke="var(--carry)"'
        : ' stroke="var(--sum)"';
      parts.push(`<path d="${path}" fill="none"${dash}/>`);
    }
  }
  for (const node of laid.children ?? []) {
    const x = node.x ?? 0;
    const y = node.y ?? 0;
    const label = labels.get(node.id);
    if (label !== undefined) {
      parts.push(
        `<text x="${x.toFixed(1)}" y="${(y + 12).toFixed(1)}" fill="var(--ink)">${escapeXml(label)}</text>`,
      );
      continue;
    }
    const i = Number(node.id.slice(1));
    const full = adders.isFull(i);
    parts.push(
      `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="46" height="26" rx="3" fill="var(${full ? '--full' : '--half'})"/>`,
      `<text x="${(x + 23).toFixed(1)}" y="${(y + 17).toFixed(1)}" text-anchor="middle" fill="${full ? '#ffffff' : '#0f172a'}">${full ? 'FA' : 'HA'} ${tree.rank[i]}</text>`,
    );
  }
  parts.push('</svg>');
  return parts.join('\n');
}
