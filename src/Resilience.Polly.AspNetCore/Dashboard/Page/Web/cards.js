// The card of one pipeline, below its row: the reason for the state of its circuit, its alerts, charts, counts and settings. It is updated in place while it is open.

import { textsOf } from './alerts.js';
import { describe, lastChange } from './circuit.js';
import { answerLine, buttonsOf, hasControls } from './controls.js';
import { h, setAttribute, setText } from './dom.js';
import { count, readable } from './format.js';
import { icon } from './icons.js';
import { Panels } from './panels.js';
import { Partitions } from './partitions.js';

const results = {
  succeeded: 'succeeded', refused: 'refused by the dependency', failed: 'failed', timedOut: 'timed out',
  circuitOpen: 'rejected by the circuit', bulkheadFull: 'found no slot', shed: 'shed for overload', rateLimited: 'over the rate limit', cancelled: 'cancelled by the caller',
  degraded: 'answered by a fallback',
};

export class Card {
  #drawnAt = 0;

  /** @param labelId the element that names the card */
  constructor(pipeline, labelId) {
    this.pipeline = pipeline;
    this.importance = h('span', { class: 'importance' });
    this.reason = h('p', { class: 'reason' });
    this.shared = h('ul', { class: 'shared', 'aria-label': 'Shared with other instances', hidden: true });
    this.alerts = h('ul', { class: 'alerts', 'aria-label': 'Alerts' });
    this.panels = new Panels(pipeline.name);
    this.answer = answerLine();
    this.partitions = new Partitions(pipeline.name, this.answer);
    this.results = h('dl', { class: 'pairs' });
    this.settings = h('dl', { class: 'pairs' });
    this.more = h('details', { ontoggle: () => this.#writeMore() }, h('summary', {}, 'Calls by result'), this.results);
    this.inForce = h('details', { ontoggle: () => this.#writeMore() }, h('summary', {}, 'Settings in force'), this.settings);
    this.node = h('article', { class: 'card', id: `card-${encodeURIComponent(pipeline.name)}`, 'data-name': pipeline.name, 'aria-labelledby': labelId },
      h('div', { class: 'card-head' }, this.reason, this.importance), this.shared, this.alerts, this.panels.node, this.partitions.node,
      h('div', { class: 'card-foot' }, this.more, this.inForce), hasControls ? h('div', { class: 'buttons' }, buttonsOf(pipeline.name, null, this.answer), this.answer) : null);
  }

  write(now) {
    const { state } = this.pipeline;
    setAttribute(this.node, 'data-state', state.mode === 'Disabled' ? 'Off' : state.state);
    setText(this.importance, state.importance === 'Standard' ? '' : state.importance);
    setText(this.reason, describe(state, now));
    setAttribute(this.reason, 'title', lastChange(state));
    this.#writeShared(state.shared ?? []);
    this.#writeAlerts(state);
    this.panels.write(state);
    this.partitions.write(state);
    this.#writeMore();
  }

  draw(store) {
    if (this.#drawnAt === store.at) return;
    this.#drawnAt = store.at;
    this.panels.draw(store.view(this.pipeline), this.pipeline.state);
  }

  redraw(store) {
    this.#drawnAt = 0;
    this.draw(store);
  }

  #writeShared(lines) {
    if (this.shared.dataset.texts === lines.join('\n')) return;
    this.shared.dataset.texts = lines.join('\n');
    this.shared.hidden = lines.length === 0;
    this.shared.replaceChildren(...lines.map(text => h('li', {}, text)));
  }

  #writeAlerts(state) {
    const texts = textsOf(state);
    if (this.alerts.dataset.texts === texts.join('\n')) return;
    this.alerts.dataset.texts = texts.join('\n');
    this.alerts.replaceChildren(...texts.map(text => h('li', {}, icon('warn'), h('span', {}, text))));
  }

  #writeMore() {
    if (this.more.open) {
      writePairs(this.results, Object.entries(results).map(([key, label]) => [label, count(this.pipeline.state.calls[key])]));
    }
    if (this.inForce.open) writePairs(this.settings, Object.entries(this.pipeline.settings).map(([name, value]) => [name, readable(value), value]));
  }
}

function writePairs(list, pairs) {
  if (list.children.length !== pairs.length) {
    list.replaceChildren(...pairs.map(() => h('div', {}, h('dt'), h('dd'))));
  }
  pairs.forEach(([name, value, raw = value], index) => {
    const [dt, dd] = list.children[index].children;
    setText(dt, name);
    setText(dd, value);
    setAttribute(dd, 'title', raw === value ? null : raw); // as it is written in a settings file
  });
}
