// How bad the state of a pipeline is.

const LINGER = 10_000;

export const ranks = { calm: 0, failing: 1, alert: 2, probing: 3, down: 4 };

export function rankOf({ state, mode, alerts, overload, calls }) {
  if (state !== 'Closed') {
    if (mode !== 'Enforce') return ranks.alert; // nothing is rejected
    return state === 'HalfOpen' ? ranks.probing : ranks.down;
  }
  if (alerts.length > 0 || overload) return ranks.alert;
  return calls.failed + calls.timedOut + calls.circuitOpen + calls.bulkheadFull + calls.shed + calls.rateLimited > 0 ? ranks.failing : ranks.calm;
}

export const needsAttention = state => rankOf(state) >= ranks.alert;

/** The edge of a row, as the legend explains it; none for a pipeline that needs no attention. */
export const edgeOf = state => !needsAttention(state) ? 'none' : rankOf(state) < ranks.down ? 'warn' : state.state === 'Isolated' ? 'held' : 'bad';

/** A rank that rises at once and falls only after a while, so that a row does not move back and forth. */
export class Place {
  rank = 0;
  #betterSince = null;

  update(state, now) {
    const rank = rankOf(state);
    if (rank >= this.rank) {
      this.rank = rank;
      this.#betterSince = null;
    } else if (this.#betterSince === null) {
      this.#betterSince = now;
    } else if (now - this.#betterSince >= LINGER) {
      this.rank = rank;
      this.#betterSince = null;
    }
  }
}
