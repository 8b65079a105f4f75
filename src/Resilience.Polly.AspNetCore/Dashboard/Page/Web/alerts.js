// What is wrong with a pipeline, in words: long ones for its card, a mark for its row.

import { clock, duration, percent } from './format.js';

const CLEAR_BELOW = 0.8; // as the application decides

const kinds = {
  RetryRate: { mark: 'retries', what: 'The retry rate', limit: state => state.retryLimit },
  Utilization: { mark: 'slots', what: 'The share of slots in use', limit: state => state.utilizationLimit },
};

export function textsOf(state) {
  const texts = state.alerts.map(alert => textOf(alert, state));
  if (state.overload) texts.push(`Sheds calls: ${state.overload}`);
  return texts;
}

/** In a word each. The state of the circuit has a place of its own. */
export function marksOf({ alerts, overload }) {
  const marks = alerts.filter(({ kind }) => kinds[kind]).map(({ kind }) => kinds[kind].mark);
  return overload ? [...marks, 'overload'] : marks;
}

function textOf({ kind, since, peak }, state) {
  if (!kinds[kind]) return `Circuit not closed since ${clock(since)}`;
  const limit = kinds[kind].limit(state);
  const hold = state.alertHold > 0 ? ` for ${duration(state.alertHold)}` : '';
  return `${kinds[kind].what} rose above ${percent(limit)} at ${clock(since)}, peak ${percent(peak)}. The alert ends at ${percent(limit * CLEAR_BELOW)} or less${hold}.`;
}
