import {get} from './api.js';
import {badge, empty, h, table} from './dom.js';
import {bytes, count, mediaType, short, state} from './format.js';

export function imageLink(reference, text) {
  return h('a', {href: `#/image/${encodeURIComponent(reference)}`}, text ?? reference);
}

// A list that grows page by page; what was loaded is what the filter looks at.
function growing(load, show) {
  const rows = [];
  const list = h('div', {});
  const status = h('p', {class: 'muted', role: 'status'});
  const filter = h('input', {type: 'search', oninput: () => draw()});
  const more = h('button', {class: 'more', onclick: () => next()}, 'Show more');
  let after = '';

  function draw() {
    const wanted = filter.value.trim().toLowerCase();
    const found = rows.filter(row => show.text(row).toLowerCase().includes(wanted));
    status.textContent = wanted ? `${count(found.length)} of ${count(rows.length)}` : '';
    list.replaceChildren(rows.length === 0 ? show.none() : found.length === 0 ? empty('Nothing matches', `None of the ${count(rows.length)} that are loaded.`) : show.rows(found));
    more.hidden = after === '';
  }

  async function next() {
    const page = await load(after);
    rows.push(...page.rows);
    after = page.next;
    draw();
  }

  async function again() {
    const page = await load('');
    if (JSON.stringify(page.rows) !== JSON.stringify(rows.slice(0, page.rows.length)) || rows.length < page.rows.length) {
      rows.splice(0, Math.max(page.rows.length, rows.length <= page.rows.length ? rows.length : page.rows.length), ...page.rows);
      if (rows.length === page.rows.length) {
        after = page.next;
      }
      draw();
    }
  }

  return {
    next,
    again,
    element: h('section', {class: 'card'},
      h('div', {class: 'tools'}, h('label', {class: 'grow'}, show.filterLabel, filter), status), list, more),
  };
}

export async function repositories() {
  const list = growing(
    async after => {
      const page = await get('repositories', {after});
      return {rows: page.repositories, next: page.next};
    },
    {
      filterLabel: 'Filter repositories',
      text: repository => repository.name,
      none: () => empty('No images yet', 'Pull one through this server or push one to it, for example ',
        h('code', {}, 'lighter pull docker.io/library/nginx:1.27'), '.'),
      rows: found => table('Repositories', [
        {label: 'Repository', header: true, cell: one => h('a', {href: `#/images/${encodeURIComponent(one.name)}`}, one.name)},
        {label: 'Kind', cell: one => one.kind === 'mirrored' ? badge('info', 'mirrored') : badge('', 'hosted')},
        {label: 'Upstream', cell: one => one.upstream || h('span', {class: 'muted'}, 'none')},
        {label: 'Tags', num: true, cell: one => `${count(one.tags)}${one.moreTags ? '+' : ''}`},
      ], found),
    });
  await list.next();
  return {
    title: 'Images',
    element: h('div', {}, h('h1', {tabindex: '-1'}, 'Images'),
      h('p', {class: 'lead'}, 'What is stored here: mirrored from an upstream, or pushed.'), list.element),
    refresh: list.again,
  };
}

export async function tags(repository) {
  const list = growing(
    async after => {
      const page = await get('tags', {repository, after});
      return {rows: page.tags, next: page.next};
    },
    {
      filterLabel: 'Filter tags',
      text: tag => tag.tag,
      none: () => empty('No tags', 'Content of this repository was asked for by digest only.'),
      rows: found => table('Tags', [
        {label: 'Tag', header: true, cell: one => imageLink(`${repository}:${one.tag}`, one.tag)},
        {label: 'State', cell: one => [badge(...state(one.state)), one.reason && h('div', {class: 'reason'}, one.reason)]},
        {label: 'Type', cell: one => mediaType(one.mediaType)},
        {label: 'Size', num: true, cell: one => one.manifests > 0 ? `${one.manifests} manifests` : bytes(one.bytes)},
        {label: 'Original', cell: one => h('span', {class: 'mono nowrap'}, short(one.digest))},
        {label: 'Lazy', cell: one => one.lazy ? h('span', {class: 'mono nowrap'}, short(one.lazy)) : h('span', {class: 'muted'}, 'none')},
      ], found),
    });
  await list.next();
  return {
    title: repository,
    element: h('div', {}, h('p', {class: 'crumbs'}, h('a', {href: '#/images'}, 'Images')),
      h('h1', {tabindex: '-1'}, repository), h('p', {class: 'lead'}, 'Tags, and what became of their images.'), list.element),
    refresh: list.again,
  };
}
