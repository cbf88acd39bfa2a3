import {get} from './api.js';
import {badge, card, empty, h, meter} from './dom.js';
import {bytes, count, duration, state} from './format.js';

const KINDS = [['question', 'Questions'], ['range', 'Ranges'], ['download', 'Downloads'], ['background', 'Background']];
const FILLS = {question: 'fill-memory', range: 'fill-disk', download: 'fill-upstream', background: 'fill-rest'};
const KEYS = {question: 'memory', range: 'disk', download: 'upstream', background: 'rest'};

function upstream(one) {
  const {connections, traffic} = one;
  const taken = KINDS.reduce((sum, [key]) => sum + connections[key], 0);
  return h('section', {class: 'card s6'},
    h('div', {class: 'head'}, h('h2', {}, one.name),
      h('span', {}, badge(...(one.state === 'open' && traffic?.requests === 0 ? ['', 'not asked yet'] : state(one.state))), one.preferred && [' ', badge('info', 'plain names')], !one.configured && [' ', badge('', 'open world')])),
    h('p', {class: 'sub mono'}, one.endpoint),
    one.restMilliseconds > 0 && h('p', {class: 'notice warn'}, `It is asked again in ${duration(one.restMilliseconds)}; what is known is answered meanwhile.`),
    h('p', {class: 'muted'}, `Connections: ${taken} of ${connections.most} taken${connections.waiting > 0 ? `, ${connections.waiting} wait for one` : ''}`),
    meter(`${taken} of ${connections.most} connections taken`, connections.most, KINDS.map(([key]) => [FILLS[key], connections[key]])),
    h('ul', {class: 'legend'}, KINDS.map(([key, words]) => h('li', {}, h('span', {class: `key ${KEYS[key]}`}), h('span', {class: 'grow'}, words), h('span', {class: 'num'}, connections[key])))),
    h('dl', {class: 'three more'},
      h('div', {}, h('dt', {}, 'Pulls left'), h('dd', {}, one.pullsLeft === null ? 'not said' : count(one.pullsLeft))),
      traffic && [
        h('div', {}, h('dt', {}, 'Fetched'), h('dd', {}, bytes(traffic.bytes))),
        h('div', {}, h('dt', {}, 'Requests'), h('dd', {}, count(traffic.requests))),
        h('div', {}, h('dt', {}, 'Failed'), h('dd', {}, count(traffic.failed))),
        h('div', {}, h('dt', {}, 'Stale answers'), h('dd', {}, count(traffic.stale)))]));
}

export async function upstreams() {
  const body = h('div', {class: 'grid'});
  const refresh = async () => {
    const look = await get('upstreams');
    body.replaceChildren(...(look.upstreams.length === 0
      ? [card(12, null, null, empty('No upstreams', 'This server answers only what was pushed to it. Upstreams are set in the configuration, under ', h('code', {}, 'upstreams'), '.'))]
      : look.upstreams.map(upstream)));
  };
  await refresh();
  return {
    title: 'Upstreams',
    element: h('div', {}, h('h1', {tabindex: '-1'}, 'Upstreams'),
      h('p', {class: 'lead'}, 'How the registries behind this one are doing, as their last answers say. None is asked for this page.'), body),
    refresh,
  };
}
