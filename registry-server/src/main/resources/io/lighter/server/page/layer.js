import {get} from './api.js';
import {card, empty, h, svg, table} from './dom.js';
import {ago, bytes, count, percent} from './format.js';
import {heatMap, level, scale, summary} from './heat.js';

const SHOWN = 50;
const PAGE = 5000;

async function allFiles(digest) {
  const files = [];
  for (let from = 1; from > 0;) {
    const page = await get('layer-files', {digest, from, limit: PAGE});
    files.push(...page.files);
    from = page.next;
  }
  return files;
}

function hottest(file, heat) {
  if (!heat) {
    return 0;
  }
  let most = 0;
  for (let i = Math.floor(file.offset / heat.stretch); i <= Math.min(heat.counts.length - 1, Math.floor((Math.max(file.end, file.offset + 1) - 1) / heat.stretch)); i++) {
    most = Math.max(most, heat.counts[i]);
  }
  return most;
}

const ORDERS = {
  asked: ['most asked for', (a, b) => b.asked - a.asked || a.offset - b.offset],
  offset: ['place in the layer', (a, b) => a.offset - b.offset],
  size: ['size', (a, b) => b.size - a.size],
};

export async function layer(digest, reference) {
  let look = await get('layer', {digest});
  const files = await allFiles(digest);
  const readout = h('p', {class: 'readout', role: 'status'}, 'Point at the map, or use the arrow keys in it, to see which files lie where.');
  const figures = h('dl', {class: 'three'});
  const list = h('div', {});
  const found = h('p', {class: 'muted', role: 'status'});
  const filter = h('input', {type: 'search', oninput: () => rows()});
  const more = h('button', {class: 'more', onclick: () => { most += 4 * SHOWN; rows(); }}, 'Show more');
  let most = SHOWN;
  const order = h('select', {onchange: () => rows()}, Object.entries(ORDERS).map(([key, [words]]) => h('option', {value: key}, words)));

  function chip(asked) {
    const most = Math.max(1, ...(look.heat?.counts ?? []));
    return svg('svg', {class: 'chip', viewBox: '0 0 1 1', 'aria-hidden': 'true'}, svg('rect', {width: 1, height: 1, class: `h${level(asked, most)}`}));
  }

  function point(index, stretch) {
    const from = index * stretch;
    const end = Math.min(look.size, from + stretch);
    const here = files.filter(file => file.offset < end && file.end > from);
    const names = here.slice(0, 4).map(file => file.path).join(', ');
    const what = here.length > 0 ? `${names}${here.length > 4 ? ` and ${count(here.length - 4)} more` : ''}` : end > look.tocOffset ? 'table of contents' : 'no file with bytes';
    readout.replaceChildren(`${bytes(from)} to ${bytes(end)}: asked for ${count(look.heat?.counts[index] ?? 0)} times. `, h('span', {class: 'mono'}, what));
  }

  const map = heatMap(look, {large: true, files, onpoint: point});

  function rows() {
    const wanted = filter.value.trim().toLowerCase();
    const shown = files.filter(file => file.path.toLowerCase().includes(wanted))
      .map(file => ({...file, asked: hottest(file, look.heat)})).sort(ORDERS[order.value][1]);
    found.textContent = shown.length > most ? `The first ${most} of ${count(shown.length)}` : wanted ? `${count(shown.length)} files` : '';
    list.replaceChildren(shown.length === 0 ? empty('No files', wanted ? 'None has this in its name.' : 'No file of this layer has bytes.') : table('Files', [
      {label: 'File', header: true, cell: file => h('span', {class: 'mono'}, file.path)},
      {label: 'Asked for', num: true, cell: file => [chip(file.asked), count(file.asked)]},
      {label: 'Size', num: true, cell: file => bytes(file.size)},
      {label: 'In the layer', num: true, cell: file => bytes(file.end - file.offset)},
      {label: 'Begins at', num: true, cell: file => bytes(file.offset)},
    ], shown.slice(0, most)));
    more.hidden = shown.length <= most;
  }

  function numbers() {
    const heat = look.heat;
    const touched = heat ? heat.counts.filter(asked => asked > 0).length : 0;
    const fact = (name, value) => h('div', {}, h('dt', {}, name), h('dd', {}, value));
    figures.replaceChildren(
      fact('Size', bytes(look.size)),
      fact('Files', `${count(look.files)}${look.complete ? '' : '+'}`),
      fact('Ranges', count(heat?.ranges ?? 0)),
      fact('Bytes asked for', bytes(heat?.bytes ?? 0)),
      fact('Touched at all', percent(touched, heat?.counts.length ?? 0)),
      fact('Counted since', heat ? ago(heat.since) : '–'));
  }

  async function refresh() {
    const before = JSON.stringify(look.heat);
    look = await get('layer', {digest});
    numbers();
    if (JSON.stringify(look.heat) !== before) {
      map.update(look);
      rows();
    }
  }

  numbers();
  rows();
  return {
    title: 'Layer',
    element: h('div', {},
      h('p', {class: 'crumbs'}, h('a', {href: '#/images'}, 'Images'), reference && [' / ', h('a', {href: `#/image/${encodeURIComponent(reference)}`}, reference)]),
      h('h1', {tabindex: '-1'}, 'Layer'),
      h('p', {class: 'lead mono'}, digest),
      h('div', {class: 'stack'},
        card(12, 'What nodes asked for', look.lazy ? `${summary(look)}.` : 'This blob has no table of contents: it is not lazy.', map.element, readout, scale(), h('div', {class: 'more'}, figures)),
        look.lazy && card(12, 'Files', 'A file counts as asked for when a range touched a stretch that it lies in; neighbours share stretches.',
          h('div', {class: 'tools'}, h('label', {class: 'grow'}, 'Filter files', filter), h('label', {}, 'Order', order), found), list, more))),
    refresh,
  };
}
