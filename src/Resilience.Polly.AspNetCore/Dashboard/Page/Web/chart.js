// A line chart of the last minutes, drawn as SVG at its size in pixels. It has axes, units and thresholds, shaded areas for the
// times in which the circuit was not closed, and a line for the values under the pointer.

import { setAttribute, setText, svg } from './dom.js';
import { circuitStates } from './store.js';
import { clock, duration } from './format.js';

const MARGIN = { left: 58, right: 8, top: 10, bottom: 20 };
const LETTER = 6.4; // about the width of a letter of the labels

export class Chart {
  #lines;
  #grid;
  #threshold;
  #before;
  #grounds;
  #plot = null;

  /**
   * @param series what is drawn: the key of the samples and the style of their line
   * @param format writes a value on the axis
   * @param threshold gives the value of the threshold line, or null
   * @param top gives the least upper end of the axis
   * @param isShare whether no value can exceed 1
   */
  constructor({ series, format, threshold, top, isShare = false }) {
    Object.assign(this, { series, format, threshold, top, isShare });
    this.#grounds = circuitStates.slice(1).map(state => svg('path', { class: `ground ${state}` }));
    this.#grid = [0, 1, 2].map(() => ({ line: svg('path', { class: 'grid' }), label: svg('text', { class: 'tick', 'text-anchor': 'end' }) }));
    this.#threshold = svg('path', { class: 'threshold' });
    this.#before = svg('path', { class: 'unrecorded' });
    this.#lines = series.map(({ style }) => svg('path', { class: `line ${style}` }));
    this.from = svg('text', { class: 'tick' });
    this.to = svg('text', { class: 'tick', 'text-anchor': 'end' }, 'now');
    this.minutes = svg('path', { class: 'grid' });
    this.cross = svg('path', { class: 'cross' });
    this.node = svg('svg', { class: 'chart', role: 'img' },
      this.#before, ...this.#grounds, ...this.#grid.flatMap(({ line, label }) => [line, label]), this.minutes, this.from, this.to,
      ...this.#lines, this.#threshold, this.cross);
  }

  draw(view, state, width, height) {
    const threshold = this.threshold?.(state) ?? null;
    const values = this.series.map(({ key }) => view[key]);
    const highest = Math.max(...values.map(column => column.reduce((most, value) => Math.max(most, value), 0)), threshold?.value ?? 0, this.top?.(state) ?? 0);
    const ceiling = nice(highest, this.isShare);
    const plot = this.#plot = {
      view, width, height,
      // After a late sample, the first ones are older than the span.
      x: time => MARGIN.left + (width - MARGIN.left - MARGIN.right) * Math.max(0, 1 - (view.now - time) / view.span),
      y: value => height - MARGIN.bottom - (height - MARGIN.top - MARGIN.bottom) * (value / ceiling),
    };
    setAttribute(this.node, 'viewBox', `0 0 ${width} ${height}`);
    this.#drawAxes(plot, ceiling, threshold);
    this.#drawGrounds(plot);
    values.forEach((column, index) => this.#lines[index].setAttribute('d', path(view.times, column, plot)));
    this.cross.setAttribute('d', '');
  }

  /** The sample nearest to a place on the chart. */
  indexAt(offsetX) {
    if (!this.#plot) return -1;
    const { view, x } = this.#plot;
    return view.times.reduce((best, time, index) => Math.abs(x(time) - offsetX) < Math.abs(x(view.times[best]) - offsetX) ? index : best, 0);
  }

  point(index) {
    if (!this.#plot) return;
    const { view, x, height } = this.#plot;
    this.cross.setAttribute('d', index < 0 ? '' : `M${x(view.times[index]).toFixed(1)} ${MARGIN.top}V${height - MARGIN.bottom}`);
  }

  #drawAxes({ x, y, width, height, view }, ceiling, threshold) {
    this.#grid.forEach(({ line, label }, index) => {
      const value = ceiling * index / 2;
      setAttribute(line, 'd', `M${MARGIN.left} ${Math.round(y(value)) + 0.5}H${width - MARGIN.right}`);
      setAttribute(label, 'x', MARGIN.left - 6);
      setAttribute(label, 'y', y(value) + 4);
      setText(label, this.format(value));
    });
    const step = view.span > 600_000 ? 600_000 : 60_000;
    let ticks = '';
    for (let age = step; age < view.span; age += step) ticks += `M${x(view.now - age).toFixed(1)} ${height - MARGIN.bottom}v3`;
    setAttribute(this.minutes, 'd', ticks);
    for (const label of [this.from, this.to]) setAttribute(label, 'y', height - 3);
    setAttribute(this.to, 'x', width - MARGIN.right);
    this.#drawStart({ x, width, height, view });
    setAttribute(this.#threshold, 'd', threshold ? `M${MARGIN.left} ${y(threshold.value).toFixed(1)}H${width - MARGIN.right}` : '');
  }

  // The time before the first sample is unknown, and must not look like a time without calls.
  #drawStart({ x, width, height, view }) {
    const start = x(view.times[0]);
    const { isWhole } = view;
    setAttribute(this.#before, 'd', isWhole ? '' : `M${MARGIN.left} ${MARGIN.top}V${height - MARGIN.bottom}H${start.toFixed(1)}V${MARGIN.top}z`);
    const text = isWhole ? `${duration(view.span)} ago` : `recording since ${clock(view.times[0])}`;
    const last = width - MARGIN.right - LETTER * (text.length + 5); // with room for "now"
    setAttribute(this.from, 'x', Math.max(4, Math.min(isWhole ? MARGIN.left : start, last)).toFixed(1));
    setText(this.from, text);
  }

  #drawGrounds({ view, x, height }) {
    this.#grounds.forEach((ground, index) => {
      let d = '';
      for (let i = 0; i < view.times.length; i++) {
        if (view.state[i] !== index + 1) continue;
        const start = i;
        while (i + 1 < view.times.length && view.state[i + 1] === index + 1) i++;
        d += `M${x(view.times[Math.max(0, start - 1)]).toFixed(1)} ${MARGIN.top}V${height - MARGIN.bottom}H${x(view.times[i]).toFixed(1)}V${MARGIN.top}z`;
      }
      setAttribute(ground, 'd', d);
    });
  }
}

function path(times, values, { x, y }) {
  let d = '';
  for (let i = 0; i < times.length; i++) {
    // A level stretch needs only its two ends.
    if (i > 0 && i < times.length - 1 && values[i] === values[i - 1] && values[i] === values[i + 1]) continue;
    d += `${d ? 'L' : 'M'}${x(times[i]).toFixed(1)} ${y(values[i]).toFixed(1)}`;
  }
  return d;
}

/** The next round number whose half is round too. */
function nice(value, isShare) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const ceiling = power * [1, 2, 4, 6, 8, 10].find(step => value <= step * power * 1.0001);
  return isShare ? Math.min(1, ceiling) : ceiling;
}
