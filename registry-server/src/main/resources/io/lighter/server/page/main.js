// Which view is shown, and when it looks again. A view is a function of the rest of the address that answers
// {title, element, refresh}; refresh mends the element in place, so that the focus stays where it is.

import {h} from './dom.js';
import {overview} from './overview.js';
import {repositories, tags} from './images.js';
import {image} from './image.js';
import {layer} from './layer.js';
import {conversions} from './conversions.js';
import {upstreams} from './upstreams.js';
import {storage} from './storage.js';
import {get} from './api.js';

const INTERVAL = 2000;
const ROUTES = [
  [/^$/, overview, '#/'],
  [/^images$/, repositories, '#/images'],
  [/^images\/(.+)$/, tags, '#/images'],
  [/^image\/(.+)$/, image, '#/images'],
  [/^layer\/([^/]+)(?:\/(.+))?$/, layer, '#/images'],
  [/^conversions$/, conversions, '#/conversions'],
  [/^upstreams$/, upstreams, '#/upstreams'],
  [/^storage$/, storage, '#/storage'],
];

const content = document.getElementById('content');
const connection = document.getElementById('connection');
let current = null;
let turn = 0;

function connected(good, text) {
  connection.className = `connection ${good ? 'good' : 'bad'}`;
  const words = document.getElementById('connection-text');
  if (words.textContent !== text) {
    words.textContent = text;
  }
}

function problem(error) {
  return h('div', {}, h('h1', {tabindex: '-1'}, error.status === 404 ? 'Not here' : 'This cannot be shown'),
    h('p', {class: 'lead'}, ''),
    h('p', {class: 'notice bad', role: 'alert'}, error.message),
    error.status === 0 && h('p', {class: 'muted'}, 'It is tried again every few seconds.'));
}

function note(error) {
  if (error.status === 0) {
    connected(false, 'no connection');
  } else {
    connected(true, 'live');
  }
}

async function open(moveFocus) {
  const mine = ++turn;
  const path = decodeURI(location.hash.replace(/^#\/?/, ''));
  if (location.hash === '#content') {
    content.focus();
    return;
  }
  const found = ROUTES.map(([pattern, view, nav]) => [pattern.exec(path), view, nav]).find(([match]) => match);
  for (const link of document.querySelectorAll('#nav a')) {
    if (found && link.getAttribute('href') === found[2]) {
      link.setAttribute('aria-current', 'page');
      link.scrollIntoView({block: 'nearest', inline: 'nearest'});
    } else {
      link.removeAttribute('aria-current');
    }
  }
  let view;
  try {
    if (!found) {
      throw Object.assign(new Error(`There is no view at ${path}.`), {status: 404});
    }
    view = await found[1](...found[0].slice(1).map(part => part && decodeURIComponent(part)));
    connected(true, 'live');
  } catch (error) {
    note(error);
    view = {title: 'Problem', element: problem(error), failed: error.status === 0};
  }
  if (mine !== turn) {
    return;
  }
  current = view;
  document.title = `${view.title} · Lighter`;
  content.replaceChildren(view.element);
  content.dataset.shown = path;
  if (moveFocus) {
    window.scrollTo(0, 0);
    content.querySelector('h1')?.focus({preventScroll: true});
  }
}

async function look() {
  const view = current;
  if (view && !document.hidden) {
    if (view.failed) {
      await open(false);
    } else if (view.refresh) {
      try {
        await view.refresh();
        connected(true, 'live');
      } catch (error) {
        note(error);
      }
    }
  }
  setTimeout(look, INTERVAL);
}

addEventListener('hashchange', () => open(true));
document.addEventListener('visibilitychange', () => document.hidden || current?.refresh?.().catch(note));
get('overview').then(seen => { document.getElementById('version').textContent = `Lighter ${seen.version}`; }).catch(note);
open(false).then(() => setTimeout(look, INTERVAL));
