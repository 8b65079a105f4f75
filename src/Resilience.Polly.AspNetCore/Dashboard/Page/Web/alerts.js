// What is wrong with a pipeline: sentences for its card, a mark for its row.

import { clock, duration, percent } from './format.js';

const CLEAR_BELOW = 0.8; // the same as in the application

const kinds = {
  RetryRate: { mark: 'retries', what: 'The retry rate', limit: state => state.retryLimit },
  Utilization: { mark: 'slots', what: 'The share of slots in use', limit: state => state.utilizationLimit },
};

export function textsOf(state) {
  const texts = state.alerts.map(alert => textOf(alert, state));
  if (state.overload) texts.push(`Sheds calls: ${state.overload}`);
  return texts;
}

/** One word for each alert. The row shows the state of the circuit elsewhere. */
export function marksOf({ alerts, overload, partitionCount, openCircuits }) {
  const marks = [...new Set(alerts.filter(({ kind }) => kinds[kind]).map(({ kind }) => kinds[kind].mark))];
  if (openCircuits > 0) marks.unshift(`${openCircuits} of ${partitionCount} circuits`);
  return overload ? [...marks, 'overload'] : marks;
}

function textOf({ kind, since, peak, partition }, state) {
  const of = partition ? ` of ${partition}` : '';
  if (!kinds[kind]) return `Circuit${of} not closed since ${clock(since)}`;
  const limit = kinds[kind].limit(state);
  const hold = state.alertHold > 0 ? ` for ${duration(state.alertHold)}` : '';
  return `${kinds[kind].what}${of} rose above ${percent(limit)} at ${clock(since)}, peak ${percent(peak)}. The alert ends at ${percent(limit * CLEAR_BELOW)} or less${hold}.`;
}
