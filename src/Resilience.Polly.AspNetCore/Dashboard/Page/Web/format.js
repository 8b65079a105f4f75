// How values look to a person: three digits are enough, and a unit always stands beside them.

const number = (value, digits) => value.toLocaleString('en-US', { maximumFractionDigits: digits });

export const count = value => number(value, 0);

export const rate = value => number(value, value < 10 ? 1 : 0);

export const percent = share => `${number(share * 100, share < 0.1 ? 1 : 0)} %`;

export function duration(ms) {
  if (ms < 1) return ms === 0 ? '0 ms' : `${number(ms, 2)} ms`;
  if (ms < 1000) return `${number(ms, ms < 10 ? 1 : 0)} ms`;
  if (ms < 60_000) return `${number(ms / 1000, ms < 10_000 ? 1 : 0)} s`;
  if (ms < 3_600_000) return `${number(ms / 60_000, 0)} min`;
  return `${number(ms / 3_600_000, 1)} h`;
}

/** Whole seconds, for what counts up or down. */
export const age = ms => duration(Math.max(0, Math.round(ms / 1000) * 1000)).replace(/^0 ms$/, '0 s');

export const clock = ms => new Date(ms).toLocaleTimeString('en-GB');

export const words = { Closed: 'Closed', Open: 'Open', HalfOpen: 'Half-open', Isolated: 'Isolated' };
