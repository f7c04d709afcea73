// What a page must be, asked of the page inside the browser: nothing overflows, no labels collide, text has contrast,
// every chart has a name. Functions are sent to the browser as text: each stands alone. Changes nothing in the page.

/** Problems of an open page as lines of text. */
export function problemsOfPage() {
  const problems = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    const wide = [...document.querySelectorAll('body *')].filter(
      e =>
        e.getBoundingClientRect().right > root.clientWidth + 1 &&
        e.closest('.scroll, .drawing, pre, .picture') === null,
    );
    const who = wide
      .slice(0, 3)
      .map(e => `${e.tagName.toLowerCase()}.${e.className?.baseVal ?? e.className}`);
    problems.push(`page is ${root.scrollWidth} wide, not ${root.clientWidth}: ${who.join(', ')}`);
  }
  if (document.title === '') problems.push('no title');
  if (root.lang === '') problems.push('no language');
  if (document.querySelectorAll('h1').length !== 1) problems.push('not exactly one h1');
  for (const img of document.images) {
    if (img.alt === '' && img.getAttribute('aria-hidden') !== 'true')
      problems.push('a picture without alt text');
    if (!img.complete || img.naturalWidth === 0) problems.push(`a picture that does not load: ${img.alt}`);
  }
  for (const svg of document.querySelectorAll('svg')) {
    const named =
      svg.closest('[role=img][aria-label]') !== null || svg.getAttribute('aria-hidden') === 'true';
    if (!named) problems.push('a chart without a name');
  }
  for (const box of document.querySelectorAll('[role=region], nav, [role=img]')) {
    if (!box.getAttribute('aria-label')) problems.push(`${box.tagName} with a role and no label`);
  }
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  for (const id of new Set(ids.filter((x, i) => ids.indexOf(x) !== i))) problems.push(`id '${id}' twice`);
  for (const a of document.querySelectorAll('a[href^="#"]')) {
    if (document.getElementById(decodeURIComponent(a.hash.slice(1))) === null) {
      problems.push(`link to nowhere: ${a.hash}`);
    }
  }
  problems.push(...contrast());
  return problems;

  function contrast() {
    const channel = c => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const parse = text => {
      const srgb = /^color\(srgb (.*)\)$/.exec(text);
      const numbers = (srgb?.[1] ?? text).match(/[\d.]+/g)?.map(Number) ?? [];
      const scale = srgb === null ? 1 : 255;
      return { rgb: numbers.slice(0, 3).map(x => x * scale), alpha: numbers[3] ?? 1 };
    };
    const behind = element => {
      for (let e = element; e !== null; e = e.parentElement) {
        const { rgb, alpha } = parse(getComputedStyle(e).backgroundColor);
        if (alpha > 0.99 && rgb.length === 3) return rgb;
      }
      return [255, 255, 255];
    };
    const found = new Map();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      if (node.data.trim() === '') continue;
      const e = node.parentElement;
      if (e.closest('script, style, title, .skip, [hidden]') !== null || e.getClientRects().length === 0)
        continue;
      const style = getComputedStyle(e);
      if (style.visibility === 'hidden') continue;
      const inSvg = e.closest('svg') !== null;
      const { rgb, alpha } = parse(inSvg ? style.fill : style.color);
      if (rgb.length < 3) continue;
      let opacity = alpha;
      for (let up = e; up !== null; up = up.parentElement) opacity *= Number(getComputedStyle(up).opacity);
      const back = behind(e);
      const seen = rgb.map((c, i) => c * opacity + back[i] * (1 - opacity));
      const [a, b] = [light(seen), light(back)].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      const size = Number.parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 600);
      if (ratio >= (large ? 3 : 4.5)) continue;
      const kind = `${e.tagName.toLowerCase()}.${e.getAttribute('class') ?? ''}`;
      if (!found.has(kind))
        found.set(kind, `contrast ${ratio.toFixed(2)}: ${kind} '${node.data.trim().slice(0, 30)}'`);
    }
    return [...found.values()];
  }
}

/** Labels inside visible SVG drawings that cover each other or leave their drawing. */
export function problemsOfLabels() {
  const problems = [];
  for (const svg of document.querySelectorAll('svg')) {
    const frame = svg.getBoundingClientRect();
    if (frame.width === 0) continue;
    const texts = [...svg.querySelectorAll('text')]
      .map(e => ({ e, box: e.getBoundingClientRect(), text: e.textContent.trim() }))
      .filter(t => t.text !== '' && t.box.width > 0);
    const scale = frame.width / (svg.viewBox.baseVal.width || frame.width);
    for (const { box, text } of texts) {
      const out = Math.max(
        frame.left - box.left,
        box.right - frame.right,
        frame.top - box.top,
        box.bottom - frame.bottom,
      );
      if (out > 2) problems.push(`label '${text.slice(0, 30)}' leaves its drawing by ${out.toFixed(0)} px`);
      if (box.height < 7) problems.push(`label '${text.slice(0, 30)}' is ${box.height.toFixed(1)} px high`);
    }
    for (let i = 0; i < texts.length; i++) {
      for (let j = i + 1; j < texts.length; j++) {
        const [a, b] = [texts[i].box, texts[j].box];
        const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        // boxes hold the line's leading: letters touch only beyond it
        if (x > 1 && y > 4 * scale) {
          problems.push(
            `labels '${texts[i].text.slice(0, 24)}' and '${texts[j].text.slice(0, 24)}' overlap ${x.toFixed(0)} x ${y.toFixed(0)} px`,
          );
        }
      }
    }
  }
  return problems.slice(0, 8);
}
