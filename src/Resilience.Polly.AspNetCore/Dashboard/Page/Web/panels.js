// The four charts of a card: their values and their threshold lines.

import { Chart } from './chart.js';
import { h, setAttribute, setText } from './dom.js';
import { clock, count, duration, percent, rate, shortDuration, words } from './format.js';
import { circuitStates } from './store.js';

const kinds = [
  {
    title: 'Calls', unit: 'per second', write: rate,
    series: [{ key: 'callsPerSecond', label: 'ended', style: 'main' }, { key: 'failedPerSecond', label: 'failed', style: 'bad' }, { key: 'rejectedPerSecond', label: 'rejected', style: 'warn' }],
    value: state => `${rate(state.callsPerSecond)}/s`,
    note: ({ calls }) => `${count(calls.total)} in a minute: ${count(calls.failed + calls.timedOut)} failed, ${count(calls.circuitOpen + calls.bulkheadFull + calls.shed + calls.rateLimited)} rejected`,
  },
  {
    title: 'Retry rate', unit: 'share of calls that needed a retry', write: percent, isShare: true,
    series: [{ key: 'retryRate', label: 'retried', style: 'main' }],
    threshold: state => state.retryLimit < 1 ? { value: state.retryLimit, label: `alert above ${percent(state.retryLimit)}` } : null,
    top: state => Math.min(1, state.retryLimit * 1.5),
    value: ({ calls }) => percent(calls.retryRate),
    note: ({ calls }) => `${count(calls.retried)} of ${count(calls.total)} calls in a minute`,
    isOver: state => state.calls.retryRate > state.retryLimit,
  },
  {
    title: 'Latency', unit: 'of whole calls', write: duration, tick: shortDuration,
    series: [{ key: 'p50', label: 'p50', style: 'main' }, { key: 'p95', label: 'p95', style: 'second' }, { key: 'p99', label: 'p99', style: 'third' }],
    value: state => duration(state.p95),
    note: () => 'p95 of a minute, retries included',
  },
  {
    title: 'Slots', unit: 'calls', write: rate,
    series: [{ key: 'inUse', label: 'in use', style: 'main' }, { key: 'waiting', label: 'waiting', style: 'warn' }, { key: 'limit', label: 'limit', style: 'bound' }],
    threshold: state => state.utilizationLimit < 1 ? { value: state.limit * state.utilizationLimit, label: `alert above ${percent(state.utilizationLimit)}` } : null,
    value: state => `${count(state.inUse)} of ${count(state.limit)}`,
    note: state => `in use; ${count(state.waiting)} waiting, peak ${count(state.peak)}${state.limitReason ? `; limit changed: ${state.limitReason}` : ''}`,
    isOver: state => state.inUse > state.limit * state.utilizationLimit,
  },
];

class Panel {
  constructor(kind) {
    this.kind = kind;
    this.chart = new Chart({ ...kind, format: kind.tick ?? kind.write });
    setAttribute(this.chart.node, 'aria-label', `${kind.title}, ${kind.unit}`);
    this.value = h('span', { class: 'panel-value' });
    this.note = h('p', { class: 'panel-note' });
    this.keys = kind.series.map(series => ({ ...series, value: h('b') }));
    this.threshold = h('span', { class: 'key threshold threshold-label', hidden: true });
    this.legend = h('p', { class: 'legend', 'aria-hidden': 'true' },
      ...this.keys.map(({ label, value, style }) => h('span', { class: `key ${style}` }, `${label} `, value)), this.threshold);
    this.node = h('figure', { class: 'panel' },
      h('figcaption', {}, h('span', { class: 'panel-title' }, kind.title), this.value, this.note), this.chart.node, this.legend);
  }

  write(state) {
    setText(this.value, this.kind.value(state));
    setText(this.note, this.kind.note(state));
    this.node.classList.toggle('over', this.kind.isOver?.(state) ?? false);
  }

  draw(view, state, { width, height }) {
    if (width === 0) return;
    this.chart.draw(view, state, width, height);
    this.show(view, view.times.length - 1);
    const highest = this.kind.series.map(({ key, label }) => `${label} up to ${this.kind.write(view[key].reduce((most, value) => Math.max(most, value), 0))}`);
    const threshold = this.kind.threshold?.(state);
    this.threshold.hidden = !threshold;
    setText(this.threshold, threshold?.label ?? '');
    setAttribute(this.chart.node, 'aria-label',
      `${this.kind.title}, ${this.kind.unit}, last ${duration(view.span)}: now ${this.kind.value(state)}; ${highest.join(', ')}${threshold ? `; ${threshold.label}` : ''}.`);
  }

  show(view, index) {
    for (const { key, value } of this.keys) setText(value, this.kind.write(view[key][index] ?? 0));
  }
}

/** The charts of one card. All four show the moment under the pointer, and are one stop for the keyboard. */
export class Panels {
  #panels = kinds.map(kind => new Panel(kind));
  #view = null;
  #at = null;

  constructor(name) {
    this.when = h('span');
    this.values = h('span', { class: 'quiet' });
    this.moment = h('p', { class: 'moment' }, this.when, this.values);
    this.node = h('div', {
      class: 'panels', tabindex: 0, role: 'group', 'aria-label': `Charts of ${name}. Arrow keys show earlier values.`,
      onpointermove: event => this.#pointAt(event), onpointerleave: () => this.#point(null),
      onkeydown: event => this.#key(event), onblur: () => this.#point(null),
    }, ...this.#panels.map(panel => panel.node), this.moment);
  }

  write(state) {
    for (const panel of this.#panels) panel.write(state);
  }

  draw(view, state) {
    this.#view = view;
    // Measure all before drawing one: a measurement after a change makes the browser lay out the page again.
    const sizes = this.#panels.map(({ chart: { node } }) => ({ width: node.clientWidth, height: node.clientHeight }));
    this.#panels.forEach((panel, index) => panel.draw(view, state, sizes[index]));
    if (this.#at !== null) this.#point(this.#at);
  }

  #pointAt(event) {
    const panel = this.#panels.find(({ chart }) => chart.node.contains(event.target));
    const index = panel ? panel.chart.indexAt(event.clientX - panel.chart.node.getBoundingClientRect().left) : -1;
    this.#point(index < 0 ? null : this.#view.times[index]);
  }

  #key(event) {
    if (!this.#view) return;
    const last = this.#view.times.length - 1;
    const index = this.#at === null ? last : this.#indexOf(this.#at);
    const next = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: last, Escape: null }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    this.#point(next === null ? null : this.#view.times[Math.max(0, Math.min(last, next))]);
    if (next !== null) this.moment.setAttribute('role', 'status');
  }

  // Kept as a time, not as a place, since the samples move on under the pointer.
  #point(time) {
    if (!this.#view) return;
    this.#at = time;
    const index = time === null ? -1 : this.#indexOf(time);
    for (const panel of this.#panels) {
      panel.chart.point(index);
      panel.show(this.#view, index < 0 ? this.#view.times.length - 1 : index);
    }
    this.moment.classList.toggle('on', index >= 0);
    if (index < 0) return;
    setText(this.when, `${clock(this.#view.times[index])}, circuit ${words[circuitStates[this.#view.state[index]]].toLowerCase()}`);
    setText(this.values, `: ${this.#spoken(index)}`); // only for screen readers: the values are also below the charts
  }

  #indexOf(time) {
    const index = this.#view.times.findIndex(other => other >= time);
    return index < 0 ? this.#view.times.length - 1 : index;
  }

  #spoken(index) {
    return kinds.map(({ series, write }) => series.map(({ key, label }) => `${label} ${write(this.#view[key][index])}`).join(', ')).join('; ');
  }
}
