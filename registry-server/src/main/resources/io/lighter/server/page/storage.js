import {get} from './api.js';
import {badge, card, empty, h, meter, table} from './dom.js';
import {ago, bytes, count, percent, short} from './format.js';

const PINS = {toc: 'Tables of contents', front: 'Fronts of layers', window: 'Windows that several nodes read'};

function show(look, order, pins, pushed) {
  const {disk} = look;
  const cached = look.cachedBytes + look.partialBytes;
  const used = disk.totalBytes - disk.freeBytes;
  const own = cached + look.hostedBytes;
  return [
    h('div', {class: 'grid'},
      card(6, 'Cached content', look.capacityBytes > 0
        ? `${bytes(cached)} of ${bytes(look.capacityBytes)}; the longest unused image goes first`
        : `${bytes(cached)}, without a cap`,
      look.capacityBytes > 0 && meter('Cached content within its cap', look.capacityBytes, [['fill-memory', look.cachedBytes], ['fill-upstream', look.partialBytes]]),
      h('ul', {class: 'legend'},
        h('li', {}, h('span', {class: 'key memory'}), h('span', {class: 'grow'}, 'Cached and converted'), h('span', {class: 'num'}, bytes(look.cachedBytes))),
        h('li', {}, h('span', {class: 'key upstream'}), h('span', {class: 'grow'}, 'Arrived in part'), h('span', {class: 'num'}, bytes(look.partialBytes))),
        h('li', {}, h('span', {class: 'key disk'}), h('span', {class: 'grow'}, 'Pushed here, which only quotas bound'), h('span', {class: 'num'}, bytes(look.hostedBytes))))),
      card(6, 'Disk', `${bytes(disk.freeBytes)} free of ${bytes(disk.totalBytes)}; ${bytes(disk.floorBytes)} are to stay free`,
        meter('Disk in use', disk.totalBytes, [['fill-memory', own], ['fill-rest', Math.max(0, used - own)]]),
        h('ul', {class: 'legend'},
          h('li', {}, h('span', {class: 'key memory'}), h('span', {class: 'grow'}, 'Blobs of this store'), h('span', {class: 'num'}, bytes(own))),
          h('li', {}, h('span', {class: 'key rest'}), h('span', {class: 'grow'}, 'Everything else on the disk'), h('span', {class: 'num'}, bytes(Math.max(0, used - own)))),
          h('li', {}, h('span', {class: 'grow'}, 'Under way'), h('span', {class: 'num'}, `${count(look.uploads)} uploads, ${count(look.downloads)} downloads`))),
        look.pressure !== 'none' && h('p', {class: 'notice warn more'}, `${bytes(look.excessBytes)} have to go (${look.pressure}).`))),
    h('div', {class: 'stack'},
      card(12, 'First to go', `If room is needed; worked out ${ago(order.at)}`, order.images.length === 0
        ? empty('Nothing can go', 'No cached image is here, or all are in use.')
        : table('First to go', [
          {label: 'Image', header: true, cell: one => [one.repository, ' ', one.tags.map(tag => [badge('', tag), ' ']), h('span', {class: 'mono muted nowrap'}, short(one.digest))]},
          {label: 'Last used', num: true, cell: one => ago(one.lastUse)},
          {label: 'Frees', num: true, cell: one => bytes(one.bytes)},
        ], order.images)),
      card(12, 'Pushed, by namespace', 'The first component of the name; a blob counts once in each', pushed.namespaces.length === 0
        ? empty('Nothing was pushed', 'What is mirrored counts for no namespace.')
        : [
          table('Pushed, by namespace', [
            {label: 'Namespace', header: true, cell: one => one.name},
            {label: 'Pushed', num: true, cell: one => bytes(one.pushedBytes)},
            {label: 'Quota', num: true, cell: one => one.quotaBytes > 0 ? bytes(one.quotaBytes) : 'none'},
            {label: 'Used', num: true, cell: one => one.quotaBytes > 0 ? percent(one.pushedBytes, one.quotaBytes) : ''},
          ], pushed.namespaces),
          pushed.next !== '' && h('p', {class: 'muted'}, 'There are more: GET /admin/namespaces.'),
        ]),
      card(12, 'Pinned in memory', `At most ${bytes(pins.limitBytes)} of all kinds together`, table('Pinned in memory', [
        {label: 'Kind', header: true, cell: kind => PINS[kind.kind] ?? kind.kind},
        {label: 'Pinned', num: true, cell: kind => bytes(kind.bytes)},
        {label: 'Layers', num: true, cell: kind => kind.hottest.length},
        {label: 'Reads found', num: true, cell: kind => count(kind.hits)},
        {label: 'Reads not found', num: true, cell: kind => count(kind.misses)},
        {label: 'Found', num: true, cell: kind => percent(kind.hits, kind.hits + kind.misses)},
        {label: 'Hottest', cell: kind => kind.hottest.length > 0 ? h('a', {href: `#/layer/${kind.hottest[0]}`, class: 'mono nowrap'}, short(kind.hottest[0])) : h('span', {class: 'muted'}, 'none')},
      ], pins.kinds))),
  ];
}

export async function storage() {
  const body = h('div', {});
  let shown = '';
  const refresh = async () => {
    const looks = await Promise.all([get('storage'), get('eviction-order'), get('pins', {limit: 100}), get('namespaces')]);
    const next = JSON.stringify(looks);
    if (next !== shown) {
      shown = next;
      body.replaceChildren(...show(...looks));
    }
  };
  await refresh();
  return {
    title: 'Storage',
    element: h('div', {}, h('h1', {tabindex: '-1'}, 'Storage'), h('p', {class: 'lead'}, 'What takes how much room, and what would go first.'), body),
    refresh,
  };
}
