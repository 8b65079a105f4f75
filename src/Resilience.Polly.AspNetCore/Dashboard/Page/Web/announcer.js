// Announces only changes of circuits to a screen reader, since numbers change every second.

import { byId } from './dom.js';
import { words } from './format.js';

const MOST = 3;
let known = null;

export function announce(store) {
  const states = new Map([...store.pipelines.values()].map(({ name, state }) => [name, state]));
  const changed = known === null ? [] : [...states.values()].filter(state => known.has(state.name) && known.get(state.name) !== state.state);
  known = new Map([...states].map(([name, state]) => [name, state.state]));
  if (changed.length === 0) return;
  byId('announcer').textContent = changed.length > MOST
    ? `${changed.length} circuits have changed.`
    : changed.map(state => `${state.name}: circuit ${words[state.state].toLowerCase()}. ${state.transition?.reason ?? ''}`).join('. ');
}
