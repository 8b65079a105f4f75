// The partitions of a pipeline, as rows in its card: those whose circuit is not closed first, the others in the order of their keys.

import { buttonsOf, hasControls } from './controls.js';
import { h, setAttribute, setText } from './dom.js';
import { count, duration, percent, words } from './format.js';
import { icon, setIcon } from './icons.js';

const columns = [['Circuit', ''], ['Partition', ''], ['Calls in a minute', 'number'], ['Failed', 'number'], ['p95', 'number'], ['Slots', 'number']];
const actions = hasControls ? [['Actions', '']] : [];

export class Partitions {
  #rows = new Map();
  #written = null;

  /** @param answer says what came of a button */
  constructor(name, answer) {
    this.buttonsOf = key => buttonsOf(name, key, answer);
    this.title = h('caption');
    this.body = h('tbody');
    this.node = h('div', { class: 'partitions', tabindex: 0, role: 'group', 'aria-label': `Partitions of ${name}`, hidden: true },
      h('table', {}, this.title, h('thead', {}, h('tr', {}, ...[...columns, ...actions].map(([text, style]) => h('th', { scope: 'col', class: style }, text)))), this.body));
  }

  write({ partitions = [], partitionCount, openCircuits }) {
    if (this.#written === partitions) return;
    this.#written = partitions;
    this.node.hidden = partitions.length === 0;
    const part = partitions.length < partitionCount ? `. The ${count(partitions.length)} worst` : '';
    setText(this.title, `${count(partitionCount)} ${partitionCount === 1 ? 'partition' : 'partitions'}, ${count(openCircuits)} ${openCircuits === 1 ? 'circuit' : 'circuits'} open or half-open${part}`);
    const sorted = [...partitions].sort((left, right) => (left.state === 'Closed') - (right.state === 'Closed') || left.key.localeCompare(right.key));
    const keys = new Set(sorted.map(({ key }) => key));
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.node.remove();
      this.#rows.delete(key);
    }
    const focused = document.activeElement;
    sorted.forEach((partition, index) => {
      if (!this.#rows.has(partition.key)) this.#rows.set(partition.key, new PartitionRow(partition.key, actions.map(() => this.buttonsOf(partition.key))));
      const row = this.#rows.get(partition.key);
      row.write(partition);
      if (this.body.children[index] !== row.node) this.body.insertBefore(row.node, this.body.children[index] ?? null);
    });
    if (focused !== document.activeElement && this.body.contains(focused)) focused.focus({ preventScroll: true }); // a row that moves loses it
  }
}

class PartitionRow {
  constructor(key, buttons) {
    this.icon = icon('Closed');
    this.state = h('span');
    this.cells = columns.slice(2).map(() => h('td', { class: 'number' }));
    this.node = h('tr', {}, h('td', {}, h('span', { class: 'state' }, this.icon, this.state)), h('th', { scope: 'row' }, key), ...this.cells, ...buttons.map(group => h('td', {}, group)));
  }

  write({ state, calls, lost, p95, inUse, limit, waiting }) {
    setAttribute(this.node, 'data-state', state);
    setIcon(this.icon, state);
    setText(this.state, words[state]);
    [count(calls), calls === 0 ? '–' : percent(lost / calls), calls === 0 ? '–' : duration(p95), `${count(inUse)} of ${count(limit)}${waiting > 0 ? `, ${count(waiting)} wait` : ''}`]
      .forEach((text, index) => setText(this.cells[index], text));
    this.cells[1].classList.toggle('lost-calls', lost > 0);
  }
}
