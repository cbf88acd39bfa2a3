// Elements without markup in strings: what comes from the server is always text.

const SVG = 'http://www.w3.org/2000/svg';

export function h(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) {
      continue;
    }
    if (key.startsWith('on')) {
      element.addEventListener(key.slice(2), value);
    } else {
      element.setAttribute(key, value === true ? '' : value);
    }
  }
  element.append(...children.flat(3).filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

// A table: columns are {label, cell(row), num, header}; the column with header names its row.
export function table(caption, columns, rows) {
  return h('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption},
    h('table', {},
      h('caption', {class: 'visually-hidden'}, caption),
      h('thead', {}, h('tr', {}, columns.map(column =>
        h('th', {scope: 'col', class: column.num ? 'num' : null}, column.label)))),
      h('tbody', {}, rows.map(row => h('tr', {}, columns.map(column =>
        h(column.header ? 'th' : 'td', {scope: column.header ? 'row' : null, class: column.num ? 'num' : null},
          column.cell(row))))))));
}

export function card(span, title, sub, ...content) {
  return h('section', {class: `card s${span}`},
    title && h('h2', {}, title), sub && h('p', {class: 'sub'}, sub), content);
}

export function empty(title, ...text) {
  return h('div', {class: 'empty'}, h('strong', {}, title), h('p', {}, text));
}

export function badge(kind, text) {
  return h('span', {class: `badge ${kind}`}, text);
}

// A horizontal bar; parts are [class, amount], and what they leave of the whole stays empty.
export function meter(label, whole, parts) {
  let at = 0;
  const bars = parts.map(([name, amount]) => {
    const width = whole > 0 ? Math.min(100 - at, amount / whole * 100) : 0;
    const bar = svg('rect', {x: at, y: 0, width, height: 12, class: name});
    at += width;
    return bar;
  });
  return svg('svg', {class: 'meter', viewBox: '0 0 100 12', preserveAspectRatio: 'none', role: 'img', 'aria-label': label},
    svg('rect', {class: 'track', width: 100, height: 12}), bars);
}
