import {get} from './api.js';
import {badge, card, empty, h, meter, svg, table} from './dom.js';
import {ago, bytes, count, duration, percent, state} from './format.js';

const KEPT = 90;
const ORIGINS = [['memory', 'Memory', 'pinned parts of lazy layers'], ['disk', 'Disk', 'files of the store, or the page cache'],
  ['upstream', 'Upstream', 'while they arrived']];

// Bytes per second between two looks; survives changes of the view.
const seen = [];

function remember(look) {
  const sent = ORIGINS.reduce((sum, [key]) => sum + look.blobs[`${key}Bytes`], 0);
  const last = seen.at(-1);
  const at = Date.parse(look.now);
  if (last && (at <= last.at || sent < last.sent)) {
    seen.length = sent < last.sent ? 0 : seen.length; // It was started anew.
    return;
  }
  seen.push({at, sent, requests: look.requests});
  if (seen.length > KEPT) {
    seen.shift();
  }
}

function rates(of) {
  return seen.slice(1).map((one, i) => (one[of] - seen[i][of]) / Math.max(0.001, (one.at - seen[i].at) / 1000));
}

function spark(values) {
  const most = Math.max(1, ...values);
  const x = i => 100 - (values.length - 1 - i) / (KEPT - 1) * 100;
  const y = value => 98 - value / most * 92;
  const line = values.map((value, i) => `${x(i).toFixed(2)},${y(value).toFixed(2)}`).join(' ');
  return svg('svg', {class: 'spark', viewBox: '0 0 100 100', preserveAspectRatio: 'none', role: 'img',
    'aria-label': `Bytes of blobs sent per second; at most ${bytes(most)} per second in the last three minutes`},
  svg('line', {class: 'base', x1: 0, x2: 100, y1: 99, y2: 99}),
  values.length > 1 && [
    svg('polygon', {class: 'area', points: `${x(0)},99 ${line} 100,99`}),
    svg('polyline', {class: 'line', points: line})]);
}

function figure(span, label, value, unit, note, lead) {
  return h('section', {class: `card figure s${span}${lead ? ' lead-figure' : ''}`},
    h('h2', {class: 'label'}, label), h('span', {class: 'value'}, value, unit && h('small', {}, unit)), h('span', {class: 'note'}, note));
}

function split(text) {
  return text.split(' ');
}

function show(look, jobs) {
  const {blobs, images, pins} = look;
  const sent = ORIGINS.reduce((sum, [key]) => sum + blobs[`${key}Bytes`], 0);
  const rate = rates('sent');
  const perSecond = rates('requests').at(-1) ?? 0;
  const reads = pins.hits + pins.misses;
  return [
    h('div', {class: 'grid'},
      figure(3, 'Spared from upstream', ...split(bytes(blobs.sparedBytes)),
        blobs.mirroredBytes > 0 ? `${bytes(blobs.mirroredBytes)} sent, ${bytes(blobs.fetchedBytes)} fetched` : 'nothing mirrored was sent yet', true),
      figure(3, 'Lazy tags', `${count(images.lazy)}${images.complete ? '' : '+'}`, `of ${count(images.tags)}${images.complete ? '' : '+'}`,
        `in ${count(images.repositories)}${images.complete ? '' : '+'} repositories`),
      figure(3, 'Requests', count(look.requests), '', `${perSecond < 10 ? perSecond.toFixed(1) : count(Math.round(perSecond))} per second now`),
      figure(3, 'Conversions', count(look.conversions.running), 'running', `${count(look.conversions.waiting)} waiting`)),
    h('div', {class: 'grid'},
      card(5, 'Where blobs were sent from', `${bytes(sent)} since the start`,
        meter('Bytes sent from memory, disk and upstream', sent, ORIGINS.map(([key]) => [`fill-${key}`, blobs[`${key}Bytes`]])),
        h('ul', {class: 'legend'}, ORIGINS.map(([key, name, what]) => h('li', {},
          h('span', {class: `key ${key}`}), h('span', {class: 'grow'}, name, ' ', h('span', {class: 'muted'}, what)),
          h('span', {class: 'num'}, bytes(blobs[`${key}Bytes`])), h('span', {class: 'num muted'}, percent(blobs[`${key}Bytes`], sent)))))),
      card(7, 'Sent now', `${bytes(rate.at(-1) ?? 0)} per second; the last three minutes while this page is open`, spark(rate))),
    h('div', {class: 'grid'},
      card(5, 'Pinned in memory', 'What nodes read first of lazy layers',
        meter('Pinned bytes of those allowed', pins.limitBytes, [['fill-memory', pins.bytes]]),
        h('dl', {class: 'three more'},
          h('div', {}, h('dt', {}, 'Pinned'), h('dd', {}, bytes(pins.bytes))),
          h('div', {}, h('dt', {}, 'Allowed'), h('dd', {}, bytes(pins.limitBytes))),
          h('div', {}, h('dt', {}, 'Reads found'), h('dd', {}, percent(pins.hits, reads))))),
      card(7, 'Jobs', look.upstreams.resting > 0
        ? h('span', {}, badge('bad', `${look.upstreams.resting} of ${look.upstreams.all} upstreams do not answer`), ' ', h('a', {href: '#/upstreams'}, 'Which?'))
        : `All ${look.upstreams.all} upstreams may be asked`,
      jobs.jobs.length === 0
        ? empty('No jobs yet', 'What is asked of the server, such as ', h('code', {}, 'lighter gc'), ' or ', h('code', {}, 'lighter pull'), ', is listed here.')
        : table('Jobs', [
          {label: 'Job', header: true, cell: job => [job.operation, ' ', h('span', {class: 'muted mono'}, Object.values(job.parameters).join(' '))]},
          {label: 'State', cell: job => [badge(...state(job.state)), job.reason && h('div', {class: 'reason'}, job.reason)]},
          {label: 'Took', num: true, cell: job => duration(Date.parse(job.endedAt ?? look.now) - Date.parse(job.startedAt))},
          {label: 'Begun', num: true, cell: job => ago(job.startedAt, Date.parse(look.now))},
        ], jobs.jobs.slice(0, 6)))),
  ];
}

export async function overview() {
  const body = h('div', {});
  const up = h('p', {class: 'lead'});
  const refresh = async () => {
    const [look, jobs] = await Promise.all([get('overview'), get('jobs')]);
    remember(look);
    up.textContent = `Up for ${duration(Date.parse(look.now) - Date.parse(look.startedAt))}. Counters begin at the start of the server.`;
    body.replaceChildren(...show(look, jobs));
  };
  await refresh();
  return {title: 'Overview', element: h('div', {}, h('h1', {tabindex: '-1'}, 'Overview'), up, body), refresh};
}
