// The event log, newest first.

import { byId, h } from './dom.js';
import { clock } from './format.js';
import { icon } from './icons.js';

const KEPT = 200;
const icons = { bad: 'Open', warn: 'warn', good: 'Closed', info: 'info' };
const floods = ['retry', 'rejection'];

const list = byId('log');
const shown = byId('floods');
shown.addEventListener('change', show);

export function startLog(entries) {
  list.replaceChildren();
  addToLog(entries);
}

export function addToLog(entries) {
  const newest = Number(list.firstElementChild?.dataset.number ?? 0);
  list.prepend(...entries.filter(entry => entry.number > newest).map(line).reverse());
  // Each kind for itself, so that a storm of retries pushes no change of a circuit out.
  for (const isFlood of [true, false]) {
    const lines = [...list.children].filter(node => floods.includes(node.dataset.kind) === isFlood);
    lines.slice(KEPT).forEach(node => node.remove());
  }
  show();
}

function show() {
  list.classList.toggle('without-floods', !shown.checked);
  byId('log-empty').hidden = list.children.length > 0;
}

function line({ number, at, pipeline, kind, level, text }) {
  return h('li', { 'data-number': number, 'data-kind': kind, 'data-level': level },
    icon(icons[level]),
    h('time', { datetime: new Date(at).toISOString() }, clock(at)),
    h('p', {}, h('strong', {}, pipeline), pipeline ? ' ' : '', text.replace(`${pipeline}: `, '')));
}
