// One line of the list. It is updated when its pipeline changes, and its chart is drawn while the line is visible.

import { marksOf } from './alerts.js';
import { h, setAttribute, setText } from './dom.js';
import { count, duration, percent, rate, words } from './format.js';
import { icon, setIcon } from './icons.js';
import { isPinned } from './pins.js';
import { hashOf } from './route.js';
import { edgeOf, Place } from './severity.js';
import { Spark } from './spark.js';

export class Row {
  place = new Place();
  isVisible = false;
  #written = null;
  #drawnAt = 0;

  /** @param onToggle opens or closes the card, onPin is called when the pin was used */
  constructor(pipeline, { onToggle, onPin }) {
    const { name } = this.pipeline = pipeline;
    this.stateIcon = icon('Closed');
    this.stateText = h('span');
    this.link = h('a', { href: hashOf(name), id: `row-${encodeURIComponent(name)}`, title: name, 'aria-expanded': 'false', onclick: event => this.#follow(event, onToggle) }, name);
    this.marks = h('span', { class: 'marks' });
    this.cells = [['rate', 'Calls'], ['failed', 'Failed'], ['p95', 'p95'], ['slots', 'Slots']].map(([style, label]) => {
      const value = h('span', { class: 'value' });
      return { value, node: h('span', { class: `cell ${style}` }, h('span', { class: 'label' }, label, ' '), value) };
    });
    this.spark = new Spark();
    this.pin = h('button', { type: 'button', class: 'pin', 'aria-label': `Keep ${name} on top`, title: 'Keep on top', onclick: () => onPin(name) }, icon('pin'));
    this.line = h('div', { class: 'row', onclick: event => event.target.closest('a, button') || isSelecting() || onToggle(name) },
      h('span', { class: 'state' }, this.stateIcon, this.stateText), h('span', { class: 'name' }, this.link, this.marks),
      ...this.cells.map(({ node }) => node), this.spark.node, this.pin);
    this.node = h('li', { class: 'pipeline', 'data-name': name }, this.line);
  }

  write(now) {
    const { state } = this.pipeline;
    this.place.update(state, now);
    setAttribute(this.pin, 'aria-pressed', isPinned(state.name));
    if (this.#written === state) return;
    this.#written = state;
    setAttribute(this.node, 'data-state', state.mode === 'Disabled' ? 'Off' : state.state);
    setAttribute(this.node, 'data-mode', state.mode);
    setAttribute(this.node, 'data-edge', edgeOf(state));
    setIcon(this.stateIcon, state.state);
    setText(this.stateText, state.mode === 'Disabled' ? 'No circuit' : words[state.state]);
    this.#writeMarks(marksOf(state));
    [`${rate(state.callsPerSecond)}/s`, lossOf(state.calls), state.calls.total === 0 ? '–' : duration(state.p95), slotsOf(state)]
      .forEach((text, index) => setText(this.cells[index].value, text));
    setAttribute(this.cells[1].node, 'title', detailOf(state.calls));
    this.cells[1].node.classList.toggle('has-loss', lossOf(state.calls) !== '0 %' && state.calls.total > 0);
  }

  draw(store) {
    if (!this.isVisible || this.#drawnAt === store.at) return;
    this.#drawnAt = store.at;
    this.spark.draw(this.pipeline.history, store);
  }

  #writeMarks(marks) {
    if (this.marks.dataset.text === marks.join()) return;
    this.marks.dataset.text = marks.join();
    this.marks.replaceChildren(...marks.map(mark => h('span', { class: 'mark' }, icon('warn'), mark)));
  }

  // Another mouse button, or Ctrl, opens the address in another tab.
  #follow(event, onToggle) {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onToggle(this.pipeline.name);
  }
}

const failed = calls => calls.failed + calls.timedOut;

const rejected = calls => calls.circuitOpen + calls.bulkheadFull + calls.shed + calls.rateLimited;

const lossOf = calls => calls.total === 0 ? '–' : percent((failed(calls) + rejected(calls)) / calls.total);

const detailOf = calls => `${count(failed(calls))} failed and ${count(rejected(calls))} rejected, of ${count(calls.total)} calls in a minute`;

const slotsOf = ({ inUse, limit, waiting }) => `${count(inUse)} of ${count(limit)}${waiting > 0 ? `, ${count(waiting)} wait` : ''}`;

const isSelecting = () => !window.getSelection().isCollapsed;
