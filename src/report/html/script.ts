// The page's only script: tooltips, arrow keys along the marks of a chart, table sorting, current section.
// Refuses to be needed: without it every value is still in the tables, and marks keep their native titles.

export const pageScript = `
(() => {
  const tip = document.getElementById('tip');
  const show = (mark, x, y) => {
    tip.textContent = mark.dataset.tip;
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    tip.style.left = Math.max(4, Math.min(innerWidth - box.width - 4, x + 12)) + 'px';
    tip.style.top = (y - box.height - 10 < 4 ? y + 16 : y - box.height - 10) + 'px';
  };
  const hide = () => { tip.hidden = true; };
  for (const title of document.querySelectorAll('svg .mark > title')) title.remove();
  document.addEventListener('pointermove', event => {
    const mark = event.target instanceof Element ? event.target.closest('[data-tip]') : null;
    if (mark) show(mark, event.clientX, event.clientY); else hide();
  });
  document.addEventListener('scroll', hide, { passive: true });
  for (const plot of document.querySelectorAll('.plot')) {
    let active = -1;
    const clear = () => { for (const mark of plot.querySelectorAll('.active')) mark.classList.remove('active'); };
    plot.tabIndex = 0;
    plot.addEventListener('keydown', event => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === 'Escape') { clear(); hide(); active = -1; }
      if (!step) return;
      const svg = [...plot.querySelectorAll('svg')].find(s => s.getClientRects().length > 0);
      const marks = svg ? [...svg.querySelectorAll('.mark')] : [];
      if (marks.length === 0) return;
      event.preventDefault();
      clear();
      active = (active + step + marks.length) % marks.length;
      const mark = marks[active];
      mark.classList.add('active');
      const box = mark.getBoundingClientRect();
      show(mark, box.right - 12, box.top);
      document.getElementById('live').textContent = mark.dataset.tip;
    });
    plot.addEventListener('blur', () => { clear(); hide(); });
  }
  for (const table of document.querySelectorAll('table.sortable')) {
    const heads = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];
    const original = [...body.rows];
    heads.forEach((head, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'sort';
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        const was = head.getAttribute('aria-sort');
        const now = was === null ? 'descending' : was === 'descending' ? 'ascending' : null;
        for (const other of heads) other.removeAttribute('aria-sort');
        if (now === null) { body.append(...original); return; }
        head.setAttribute('aria-sort', now);
        const key = row => row.cells[column].dataset.sort ?? row.cells[column].textContent;
        const sign = now === 'ascending' ? 1 : -1;
        const numeric = original.some(row => row.cells[column].dataset.sort !== undefined);
        body.append(...[...original].sort((a, b) => {
          const x = key(a), y = key(b);
          if (!numeric) return sign * x.localeCompare(y, 'en', { numeric: true });
          const nx = Number.isNaN(parseFloat(x)), ny = Number.isNaN(parseFloat(y));
          if (nx || ny) return nx - ny;
          return sign * (x - y);
        }));
      });
    });
  }
  const links = new Map([...document.querySelectorAll('nav.contents a')].map(a => [a.hash.slice(1), a]));
  if ('IntersectionObserver' in window && links.size > 0) {
    const seen = new Set();
    new Map([...links.keys()].map(id => [id, document.getElementById(id)])).forEach(section => {
      if (section) new IntersectionObserver(entries => {
        for (const e of entries) if (e.isIntersecting) seen.add(e.target.id); else seen.delete(e.target.id);
        let first = true;
        for (const [id, a] of links) {
          const here = first && seen.has(id);
          a.classList.toggle('here', here);
          if (here) first = false;
        }
      }, { rootMargin: '-10% 0px -60% 0px' }).observe(section);
    });
  }
})();
`;
