// The state of a circuit in words.

import { age, clock, count, words } from './format.js';

export function describe(state, now) {
  if (state.mode === 'Disabled') return 'The circuit breaker is switched off.';
  const { transition } = state;
  const observed = state.mode === 'Observe' ? ' The mode is Observe: no call is rejected.' : '';
  const since = transition ? ` for ${age(now - transition.at)}: ${transition.reason}` : '';
  const probe = state.probeAt === undefined ? ''
    : state.probeAt <= now ? ' A call may probe now.'
    : state.state === 'Open' ? ` Probe in ${age(Math.max(1000, state.probeAt - now))}.`
    : ` A probe is under way, for ${age(state.probeAt - now)} at most.`;
  const failures = state.state === 'Closed' && state.failureCount > 0
    ? ` ${count(state.failureCount)}${state.failureThreshold === undefined ? '' : ` of ${count(state.failureThreshold)}`} failures in a row.` : '';
  const where = transition?.partition && state.state !== 'Closed' ? ` Partition ${transition.partition}.` : '';
  if (!transition) return `Not opened since the start.${failures}${observed}`;
  return `${words[state.state]}${since}.${where}${probe}${failures}${observed}`;
}

export const lastChange = ({ transition }) => transition
  ? `${clock(transition.at)}: ${words[transition.from]} to ${words[transition.to]}${transition.isManual ? ', by hand' : ''}`
  : '';
