// The application in six numbers. The title has the number of pipelines that need attention, so that a background tab shows it.

import { byId, h, setText } from './dom.js';
import { count, rate } from './format.js';
import { needsAttention } from './severity.js';

const sum = (states, value) => states.reduce((total, state) => total + value(state), 0);

const tiles = [
  { title: 'Pipelines', value: states => count(states.length) },
  { title: 'Need attention', value: states => count(sum(states, needsAttention)), tone: states => states.some(needsAttention) ? 'warn' : 'good' },
  { title: 'Circuits not closed', value: states => count(sum(states, notClosed)), tone: states => states.some(notClosed) ? 'bad' : 'good' },
  { title: 'Calls per second', value: states => rate(sum(states, state => state.callsPerSecond)) },
  { title: 'Failed per second', value: states => rate(sum(states, state => state.failedPerSecond)), tone: states => states.some(state => state.failedPerSecond > 0) ? 'bad' : '' },
  { title: 'Rejected per second', value: states => rate(sum(states, state => state.rejectedPerSecond)), tone: states => states.some(state => state.rejectedPerSecond > 0) ? 'bad' : '' },
];

const title = document.title;
const nodes = tiles.map(tile => {
  const value = h('dd');
  const node = h('div', { class: 'tile' }, h('dt', {}, tile.title), value);
  byId('overview').append(node);
  return { ...tile, node, text: value };
});

export function showOverview(store) {
  const states = [...store.pipelines.values()].map(pipeline => pipeline.state);
  for (const { node, text, value, tone } of nodes) {
    setText(text, value(states));
    node.dataset.tone = tone?.(states) ?? '';
  }
  const attention = states.filter(needsAttention).length;
  document.title = attention > 0 ? `(${attention}) ${title}` : title;
}

function notClosed(state) {
  return state.state !== 'Closed';
}
