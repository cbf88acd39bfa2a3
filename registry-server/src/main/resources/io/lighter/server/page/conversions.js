import {get, post} from './api.js';
import {badge, card, empty, h, table} from './dom.js';
import {ago, count, duration, short, state} from './format.js';

function name(one) {
  return h('span', {}, h('a', {href: `#/image/${encodeURIComponent(`${one.repository}@${one.digest}`)}`}, one.repository), ' ',
    h('span', {class: 'mono muted nowrap'}, short(one.digest)));
}

function until(time) {
  const left = Date.parse(time) - Date.now();
  return left > 1000 ? `in ${duration(left)}` : 'as soon as a worker is free';
}

export async function conversions() {
  const body = h('div', {class: 'stack'});
  const status = h('p', {class: 'muted', role: 'status'});
  let shown = '';

  async function retry(button, parameters) {
    button.disabled = true;
    try {
      const lines = await post('reconvert', parameters);
      status.textContent = `${count(lines.filter(line => line.added).length)} of ${count(lines.length)} wait again.`;
      await refresh();
    } catch (error) {
      status.textContent = error.message;
      button.disabled = false;
    }
  }

  function draw(look) {
    const {counts} = look;
    body.replaceChildren(
      card(12, `Being converted (${count(counts.running)})`, null, look.running.length === 0
        ? empty('Nothing is being converted', 'Images are converted after they were pulled or pushed, in the background.')
        : table('Being converted', [
          {label: 'Image', header: true, cell: name},
          {label: 'Since', num: true, cell: one => ago(one.since)},
          {label: 'Failed before', num: true, cell: one => count(one.attempts)},
        ], look.running)),
      card(12, `Waiting (${count(counts.waiting)})`, 'What was wanted last is next; each fourth time, what has waited longest.', look.waiting.length === 0
        ? empty('Nothing waits', 'The queue is empty.')
        : table('Waiting', [
          {label: 'Image', header: true, cell: name},
          {label: 'Next attempt', cell: one => until(one.notBefore)},
          {label: 'Why it was not done before', cell: one => one.reason ? h('span', {class: 'reason'}, one.reason) : h('span', {class: 'muted'}, 'it was not tried')},
          {label: 'Waits', num: true, cell: one => ago(one.enqueuedAt)},
        ], look.waiting)),
      card(12, null, null,
        h('div', {class: 'head'}, h('h2', {}, `Given up (${count(counts.parked)})`),
          look.parked.length > 0 && h('button', {onclick: event => retry(event.currentTarget, {parked: true})}, 'Try all again')),
        look.parked.length === 0
          ? empty('Nothing was given up', 'Images that cannot be converted are listed here with the reason. They are served as they are.')
          : table('Given up', [
            {label: 'Image', header: true, cell: name},
            {label: 'Reason', cell: one => h('span', {class: 'reason'}, one.reason)},
            {label: 'Attempts', num: true, cell: one => count(one.attempts)},
            {label: 'Action', cell: one => h('button', {onclick: event => retry(event.currentTarget, {image: `${one.repository}@${one.digest}`})},
              'Try again', h('span', {class: 'visually-hidden'}, ` ${one.repository}`))},
          ], look.parked)),
      card(12, 'Ended', 'Since the start of the server, the last one first.', look.ended.length === 0
        ? empty('None has ended yet', 'The last ones are listed here.')
        : table('Ended', [
          {label: 'Image', header: true, cell: name},
          {label: 'Now', cell: one => badge(...state(one.outcome))},
          {label: 'Reason', cell: one => one.reason && h('span', {class: 'reason'}, one.reason)},
          {label: 'Took', num: true, cell: one => duration(one.milliseconds)},
          {label: 'Ended', num: true, cell: one => ago(one.at)},
        ], look.ended)));
  }

  // Drawn anew only when something changed, or a minute passed, so that buttons keep the focus.
  async function refresh() {
    const look = await get('conversions');
    const next = JSON.stringify(look) + Math.floor(Date.now() / 60000);
    if (next !== shown) {
      shown = next;
      draw(look);
    }
  }

  await refresh();
  return {
    title: 'Conversions',
    element: h('div', {}, h('h1', {tabindex: '-1'}, 'Conversions'),
      h('p', {class: 'lead'}, 'Images become lazy in the background. What fails for a reason that passes is tried again by itself.'), status, body),
    refresh,
  };
}
