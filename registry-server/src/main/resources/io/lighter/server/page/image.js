import {get, post} from './api.js';
import {badge, card, empty, h} from './dom.js';
import {bytes, count, mediaType, percent, state} from './format.js';
import {heatMap, scale, summary} from './heat.js';

// Of an image with more lazy layers, the others are one click away.
const MAPS = 24;

function preferred(platforms) {
  const lazy = platforms.findIndex(one => one.lazy);
  const stored = platforms.findIndex(one => one.stored);
  return Math.max(0, lazy >= 0 ? lazy : stored);
}

function sizes(layer) {
  if (!layer.lazy) {
    return bytes(layer.size);
  }
  return layer.lazy.digest === layer.digest ? `${bytes(layer.size)}, lazy as it came` : `${bytes(layer.size)} → ${bytes(layer.lazy.size)} lazy`;
}

function layerRow(reference, layer, number, maps) {
  const map = h('div', {});
  const words = h('span', {class: 'muted'});
  if (layer.lazy && maps.length < MAPS) {
    maps.push({digest: layer.lazy.digest, into: map, words});
  }
  return h('li', {class: 'layer'},
    h('div', {class: 'row'},
      h('h3', {}, `Layer ${number}`),
      badge(...state(layer.state)),
      !layer.here && !layer.lazy?.here && badge('', 'not here'),
      h('span', {class: 'sizes grow'}, sizes(layer), ' · ', mediaType(layer.mediaType)),
      layer.lazy && h('a', {href: `#/layer/${layer.lazy.digest}/${encodeURIComponent(reference)}`}, 'Files', h('span', {class: 'visually-hidden'}, ` of layer ${number}`))),
    h('span', {class: 'mono muted'}, layer.lazy?.digest ?? layer.digest),
    layer.reason && h('p', {class: 'reason'}, layer.reason),
    map, words);
}

export async function image(reference) {
  let look = await get('image', {image: reference});
  let chosen = preferred(look.platforms);
  let maps = [];
  const heading = h('div', {class: 'title'});
  const facts = h('div', {});
  const layers = h('div', {});
  const status = h('p', {class: 'muted', role: 'status'});
  const select = h('select', {onchange: () => { chosen = Number(select.value); draw(); fill(); }});

  async function again(button) {
    button.disabled = true;
    try {
      const [line] = await post('reconvert', {image: reference});
      status.textContent = line.added ? 'It waits for its conversion now.' : 'It was waiting already.';
      await refresh();
    } catch (error) {
      status.textContent = error.message;
    }
    button.disabled = false;
  }

  function draw() {
    heading.replaceChildren(badge(...state(look.state)), badge('', look.kind), badge('', mediaType(look.mediaType)));
    const platform = look.platforms[chosen];
    const lazy = platform?.layers.filter(layer => layer.lazy) ?? [];
    const total = lazy.reduce((sum, layer) => sum + layer.lazy.size, 0);
    const ranges = lazy.reduce((sum, layer) => sum + layer.lazy.ranges, 0);
    const asked = lazy.reduce((sum, layer) => sum + layer.lazy.rangeBytes, 0);
    facts.replaceChildren(h('dl', {class: 'facts'},
      h('dt', {}, 'Original view'), h('dd', {class: 'mono'}, look.digest),
      h('dt', {}, 'Lazy view'), h('dd', {class: 'mono'}, look.lazy || 'none'),
      look.reason && [h('dt', {}, 'Reason'), h('dd', {class: 'reason'}, look.reason)],
      platform?.platform && [h('dt', {}, 'Platform'), h('dd', {}, platform.platform)],
      h('dt', {}, 'Lazy layers'), h('dd', {}, `${lazy.length} of ${platform?.layers.length ?? 0}${total ? `, ${bytes(total)}` : ''}`),
      h('dt', {}, 'Asked for lazily'), h('dd', {}, ranges > 0 ? `${count(ranges)} ranges, ${bytes(asked)} (${percent(asked, total)} of these layers, over all nodes)` : 'nothing yet')));
    maps = [];
    layers.replaceChildren(!platform || platform.layers.length === 0
      ? empty(platform?.stored === false ? 'Not pulled' : 'No layers', platform?.stored === false ? 'Nobody has pulled the image of this platform yet.' : 'This is no container image.')
      : h('ol', {class: 'plain'}, platform.layers.map((layer, i) => layerRow(reference, layer, i + 1, maps))));
  }

  // One after the other: the server reads a table of contents for each.
  async function fill() {
    for (const map of maps) {
      try {
        const seen = await get('layer', {digest: map.digest});
        if (map.drawn) {
          map.drawn.update(seen);
        } else {
          map.drawn = heatMap(seen);
          map.into.replaceChildren(map.drawn.element);
        }
        map.words.textContent = `${summary(seen)}.`;
      } catch (error) {
        if (error.status !== 404) {
          throw error;
        }
        map.words.textContent = 'Its bytes are not in the store.';
      }
    }
  }

  async function refresh() {
    const next = await get('image', {image: reference});
    const plain = document => JSON.stringify(document, (key, value) => key === 'ranges' || key === 'rangeBytes' ? undefined : value);
    const same = plain(next) === plain(look);
    look = next;
    if (!same) {
      draw();
    }
    await fill();
  }

  select.replaceChildren(...look.platforms.map((one, i) => h('option', {value: i, selected: i === chosen}, `${one.platform || 'image'}${one.lazy ? ' (lazy)' : one.stored ? '' : ' (not pulled)'}`)));
  draw();
  await fill();
  return {
    title: reference,
    element: h('div', {},
      h('p', {class: 'crumbs'}, h('a', {href: '#/images'}, 'Images'), ' / ',
        h('a', {href: `#/images/${encodeURIComponent(look.repository)}`}, look.repository)),
      h('h1', {tabindex: '-1'}, reference), heading,
      h('div', {class: 'stack more'},
        card(12, null, null, h('div', {class: 'head'}, h('h2', {}, 'Views'),
          h('button', {onclick: event => again(event.currentTarget)}, 'Convert again')), facts, status),
        card(12, null, null, h('div', {class: 'head'}, h('h2', {}, 'Layers, lowest first'),
          look.platforms.length > 1 && h('div', {class: 'tools'}, h('label', {}, 'Platform', select))),
        layers, scale()))),
    refresh,
  };
}
