// The heat map of a layer: a strip of its stretches, coloured by how many ranges touched each, and under it the
// directories that lie there.

import {h, svg} from './dom.js';
import {bytes, count} from './format.js';

const LEVELS = 6;

function level(asked, most) {
  return asked === 0 ? 0 : Math.max(1, Math.min(LEVELS, Math.ceil(Math.log(asked + 1) / Math.log(most + 1) * LEVELS)));
}

function summary(layer) {
  const heat = layer.heat;
  if (!heat) {
    return 'No range was asked for';
  }
  const touched = heat.counts.filter(asked => asked > 0).length;
  return `${count(heat.ranges)} ranges touched ${touched} of ${heat.counts.length} stretches of ${bytes(heat.stretch)}`;
}

// Neighbours in the blob that are of the same directory, down to two names.
function bands(files) {
  const found = [];
  for (const file of files) {
    const parts = file.path.replace(/^(\.?\/)+/, '').split('/');
    const name = parts.length > 2 ? parts.slice(0, 2).join('/') : parts.length === 2 ? parts[0] : '/';
    const last = found.at(-1);
    if (last && last.name === name) {
      last.end = Math.max(last.end, file.end);
    } else {
      found.push({name, from: file.offset, end: file.end});
    }
  }
  return found;
}

function directories(layer, files) {
  const row = h('div', {class: 'bands', 'aria-hidden': 'true'});
  for (const band of bands(files)) {
    const width = (band.end - band.from) / layer.size * 100;
    if (width >= 0.6) {
      const element = h('div', {class: width < 4 ? 'band narrow' : 'band', title: band.name}, width < 4 ? '' : band.name);
      element.style.setProperty('left', `${band.from / layer.size * 100}%`);
      element.style.setProperty('width', `${width}%`);
      row.append(element);
    }
  }
  return row;
}

// Draws a layer as /admin/layer has it; update draws what was counted since. onpoint is told of the stretch under the
// pointer or the arrow keys.
export function heatMap(layer, {large = false, files = [], onpoint = null} = {}) {
  let stretch = layer.heat?.stretch ?? Math.max(1, Math.ceil(layer.size / 256));
  const parts = Math.ceil(layer.size / stretch);
  const cells = Array.from({length: parts}, (_, i) => svg('rect', {x: i, y: 0, width: 1.04, height: 10, class: 'h0'}));
  const toc = layer.tocOffset / stretch;
  const cursor = svg('line', {class: 'cursor', y1: 0, y2: 10, visibility: 'hidden'});
  const strip = svg('svg', {class: 'strip', 'shape-rendering': 'crispEdges', viewBox: `0 0 ${parts} 10`, preserveAspectRatio: 'none', role: 'img'},
    cells, layer.lazy && svg('line', {class: 'toc', x1: toc, x2: toc, y1: 0, y2: 10}), cursor);
  const element = h('div', {class: large ? 'heat large' : 'heat'}, strip, files.length > 0 && directories(layer, files));
  let at = 0;

  function update(next) {
    const counts = next.heat?.counts ?? [];
    const most = Math.max(1, ...counts);
    cells.forEach((cell, i) => cell.setAttribute('class', `h${level(counts[i] ?? 0, most)}`));
    strip.setAttribute('aria-label', `Heat map. ${summary(next)}.`);
  }

  function point(index) {
    at = Math.max(0, Math.min(parts - 1, index));
    cursor.setAttribute('x1', at + 0.5);
    cursor.setAttribute('x2', at + 0.5);
    cursor.setAttribute('visibility', 'visible');
    onpoint(at, stretch);
  }

  if (onpoint) {
    strip.setAttribute('tabindex', '0');
    strip.setAttribute('role', 'slider');
    strip.setAttribute('aria-valuemin', '1');
    strip.setAttribute('aria-valuemax', String(parts));
    strip.setAttribute('aria-valuenow', '1');
    const told = index => {
      point(index);
      strip.setAttribute('aria-valuenow', String(at + 1));
      strip.setAttribute('aria-valuetext', `from ${bytes(at * stretch)}`);
    };
    strip.addEventListener('pointermove', event => {
      const box = strip.getBoundingClientRect();
      told(Math.floor((event.clientX - box.left) / box.width * parts));
    });
    strip.addEventListener('keydown', event => {
      const step = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 16, PageDown: -16}[event.key];
      if (step || event.key === 'Home' || event.key === 'End') {
        event.preventDefault();
        told(event.key === 'Home' ? 0 : event.key === 'End' ? parts - 1 : at + step);
      }
    });
  }
  update(layer);
  return {element, update, summary};
}

export function scale() {
  return h('div', {class: 'scale'},
    h('span', {}, 'not asked for',
      svg('svg', {viewBox: '0 0 7 1', preserveAspectRatio: 'none', 'aria-hidden': 'true'},
        Array.from({length: LEVELS + 1}, (_, i) => svg('rect', {x: i, y: 0, width: 1.02, height: 1, class: `h${i}`}))),
      'most ranges'),
    h('span', {}, h('span', {class: 'tockey', 'aria-hidden': 'true'}), 'table of contents begins'));
}

export {summary, level};
