// The tiny chart of a row: all calls, failed and rejected calls, and the times when the circuit was not closed.

import { setAttribute, svg } from './dom.js';

const WIDTH = 120;
const HEIGHT = 24;
const BUCKETS = 60;

export class Spark {
  #ground = svg('path', { class: 'ground' });
  #calls = svg('path', { class: 'line main' });
  #bad = svg('path', { class: 'line bad' });
  node = svg('svg', { class: 'spark', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' }, this.#ground, this.#calls, this.#bad);

  /** Each bucket is a fixed stretch of time. So most updates change only the last bucket, and the line does not tremble. */
  draw({ callsPerSecond, failedPerSecond, rejectedPerSecond, state }, { times, at, interval, points }) {
    const width = interval * Math.ceil(points / BUCKETS);
    const last = Math.floor(at / width);
    const calls = new Array(BUCKETS).fill(-1);
    const bad = new Array(BUCKETS).fill(-1);
    const shaded = new Array(BUCKETS).fill(false);
    let highest = 1;
    for (let i = 0, offset = times.length - state.length; i < state.length; i++) {
      const bucket = BUCKETS - 1 - last + Math.floor(times[i + offset] / width);
      if (bucket < 0) continue;
      calls[bucket] = Math.max(calls[bucket], callsPerSecond[i]);
      bad[bucket] = Math.max(bad[bucket], failedPerSecond[i] + rejectedPerSecond[i]);
      shaded[bucket] ||= state[i] !== 0;
      highest = Math.max(highest, calls[bucket], bad[bucket]);
    }
    setAttribute(this.#calls, 'd', line(calls, highest));
    setAttribute(this.#bad, 'd', bad.some(value => value > 0) ? line(bad, highest) : '');
    setAttribute(this.#ground, 'd', shaded.map((isShaded, index) => isShaded ? `M${index * 2} 0h2v${HEIGHT}h-2z` : '').join(''));
  }
}

function line(values, highest) {
  let d = '';
  for (let i = 0; i < BUCKETS; i++) {
    if (values[i] < 0) continue;
    if (d && i < BUCKETS - 1 && values[i] === values[i - 1] && values[i] === values[i + 1]) continue; // a level stretch needs only its two ends
    d += `${d ? 'L' : 'M'}${i * WIDTH / (BUCKETS - 1) | 0} ${(HEIGHT - 1.5 - (HEIGHT - 3) * values[i] / highest).toFixed(1)}`;
  }
  return d;
}
