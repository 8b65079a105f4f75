// The event log, newest first.

import { byId, h, setText } from './dom.js';
import { isFiltered, onFilter, passes } from './filter.js';
import { clock } from './format.js';
import { icon } from './icons.js';

const KEPT = 200;
const icons = { bad: 'Open', warn: 'warn', good: 'Closed', info: 'info' };
const floods = ['retry', 'budget', 'rejection', 'degraded'];

const list = byId('log');
const shown = byId('floods');
shown.addEventListener('change', show);
onFilter(show);
let newest = 0;

// On a small screen only the newest event is in view, until the user opens all.
const more = byId('more-events');
more.addEventListener('click', () => {
  const isOpen = byId('events').classList.toggle('open');
  more.setAttribute('aria-expanded', String(isOpen));
  setText(more, isOpen ? 'Fewer' : 'All');
});

export function startLog(entries) {
  list.replaceChildren();
  newest = 0;
  addToLog(entries);
}

export function addToLog(entries) {
  for (const entry of entries.filter(entry => entry.number > newest)) {
    newest = entry.number;
    insert(line(entry));
  }
  // Each kind has its own limit, so that a storm of retries does not push out a change of a circuit.
  for (const isFlood of [true, false]) {
    const lines = [...list.children].filter(node => floods.includes(node.dataset.kind) === isFlood);
    lines.slice(KEPT).forEach(node => node.remove());
  }
  show();
}

// Retries and rejections arrive some seconds late, and are sorted in by their time.
function insert(node) {
  const earlier = [...list.children].find(other => Number(other.dataset.at) <= Number(node.dataset.at));
  list.insertBefore(node, earlier ?? null);
}

function show() {
  let newestShown = null;
  for (const node of list.children) {
    const { pipeline, kind } = node.dataset;
    // The filter never hides an event of all pipelines.
    node.hidden = (pipeline !== '' && !passes(pipeline)) || (!shown.checked && floods.includes(kind));
    node.classList.remove('newest');
    if (!node.hidden) newestShown ??= node;
  }
  const empty = byId('log-empty');
  newestShown?.classList.add('newest');
  empty.hidden = newestShown !== null;
  setText(empty, list.children.length === 0 ? 'Nothing has happened since the recording began.'
    : isFiltered() ? 'Nothing has happened to pipelines with this in their name.'
    : 'Only retries, rejections and fallbacks have happened.');
}

function line({ at, pipeline, kind, level, text, trace, partition }) {
  const time = clock(at);
  return h('li', { 'data-at': at, 'data-pipeline': pipeline, 'data-kind': kind, 'data-level': level },
    icon(icons[level]),
    h('time', { datetime: new Date(at).toISOString() }, time),
    h('p', {}, h('strong', {}, pipeline), pipeline ? ' ' : '', textOf(pipeline, partition, text), trace ? ' ' : '', trace
      ? h('a', { href: trace, target: '_blank', rel: 'noopener noreferrer', 'aria-label': `Trace of ${pipeline}, ${time}` }, 'Trace')
      : null));
}

// The line already shows the name before the text.
const textOf = (pipeline, partition, text) => partition
  ? `(${partition}) ${text.replace(`${pipeline} (${partition}): `, '')}`
  : text.replace(`${pipeline}: `, '');
