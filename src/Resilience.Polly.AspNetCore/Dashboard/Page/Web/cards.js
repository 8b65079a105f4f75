// A card for each pipeline. Made once and changed in place; charts are drawn only where somebody can see them.

import { describe, lastChange } from './circuit.js';
import { buttonsOf } from './controls.js';
import { h, setAttribute, setText } from './dom.js';
import { clock, count, percent, words } from './format.js';
import { icon, setIcon } from './icons.js';
import { Panels } from './panels.js';
import { Place } from './severity.js';

const results = {
  succeeded: 'succeeded', refused: 'refused by the dependency', failed: 'failed', timedOut: 'timed out',
  circuitOpen: 'rejected by the circuit', bulkheadFull: 'found no slot', shed: 'shed for overload', rateLimited: 'over the rate limit', cancelled: 'cancelled by the caller',
  degraded: 'answered by a fallback',
};

// Without the value that raised it: the one of now stands beside the chart.
const alertWords = {
  CircuitOpen: () => 'Circuit not closed',
  RetryRate: ({ retryLimit }) => `Retry rate above ${percent(retryLimit)}`,
  Utilization: ({ utilizationLimit }) => `More than ${percent(utilizationLimit)} of the slots in use`,
};

export class Card {
  place = new Place();
  isVisible = false;
  #drawnAt = 0;

  constructor(pipeline) {
    this.pipeline = pipeline;
    const id = `pipeline-${encodeURIComponent(pipeline.name)}`;
    this.stateIcon = icon('Closed');
    this.stateText = h('span');
    this.badge = h('p', { class: 'badge' }, this.stateIcon, this.stateText);
    this.importance = h('span', { class: 'importance' });
    this.reason = h('p', { class: 'reason' });
    this.alerts = h('ul', { class: 'alerts', 'aria-label': 'Alerts' });
    this.panels = new Panels(pipeline.name);
    this.results = h('dl', { class: 'pairs' });
    this.settings = h('dl', { class: 'pairs' });
    this.more = h('details', { ontoggle: () => this.#writeMore() }, h('summary', {}, 'Calls by result'), this.results);
    this.inForce = h('details', { ontoggle: () => this.#writeMore() }, h('summary', {}, 'Settings in force'), this.settings);
    this.node = h('article', { class: 'card', 'aria-labelledby': id },
      h('header', { class: 'card-head' }, h('h3', { id }, pipeline.name), this.importance, this.badge),
      this.reason, this.alerts, this.panels.node, h('div', { class: 'card-foot' }, this.more, this.inForce), buttonsOf(pipeline));
  }

  write(now) {
    const { state } = this.pipeline;
    this.place.update(state, now);
    setAttribute(this.node, 'data-state', state.mode === 'Disabled' ? 'Off' : state.state);
    setAttribute(this.node, 'data-rank', this.place.rank);
    setAttribute(this.node, 'data-mode', state.mode);
    setIcon(this.stateIcon, state.state);
    setText(this.stateText, state.mode === 'Disabled' ? 'No circuit' : words[state.state]);
    setText(this.importance, state.importance === 'Standard' ? '' : state.importance);
    setText(this.reason, describe(state, now));
    setAttribute(this.reason, 'title', lastChange(state));
    this.#writeAlerts(state);
    this.panels.write(state);
    this.#writeMore();
  }

  draw(store) {
    if (!this.isVisible || this.#drawnAt === store.at) return;
    this.#drawnAt = store.at;
    this.panels.draw(store.view(this.pipeline), this.pipeline.state);
  }

  redraw(store) {
    this.#drawnAt = 0;
    this.draw(store);
  }

  #writeAlerts({ alerts, overload }) {
    const texts = alerts.map(alert => `${alertWords[alert.kind](this.pipeline.state)} since ${clock(alert.since)}`);
    if (overload) texts.push(`Sheds calls: ${overload}`);
    if (this.alerts.dataset.texts === texts.join('\n')) return;
    this.alerts.dataset.texts = texts.join('\n');
    this.alerts.replaceChildren(...texts.map(text => h('li', {}, icon('warn'), h('span', {}, text))));
  }

  #writeMore() {
    if (this.more.open) {
      writePairs(this.results, Object.entries(results).map(([key, label]) => [label, count(this.pipeline.state.calls[key])]));
    }
    if (this.inForce.open) writePairs(this.settings, Object.entries(this.pipeline.settings));
  }
}

function writePairs(list, pairs) {
  if (list.children.length !== pairs.length) {
    list.replaceChildren(...pairs.map(() => h('div', {}, h('dt'), h('dd'))));
  }
  pairs.forEach(([name, value], index) => {
    const [dt, dd] = list.children[index].children;
    setText(dt, name);
    setText(dd, value);
  });
}
