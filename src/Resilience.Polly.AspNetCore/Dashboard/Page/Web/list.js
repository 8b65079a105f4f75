// The list of all pipelines: its rows, their order, the filter, and the open card.

import { Card } from './cards.js';
import { byId, h, setAttribute, setText } from './dom.js';
import { isFiltered, onFilter, passes } from './filter.js';
import { clock, count } from './format.js';
import { Order } from './order.js';
import { isPinned, togglePin } from './pins.js';
import { go, onRoute, openName } from './route.js';
import { Row } from './row.js';
import { needsAttention } from './severity.js';

export class List {
  #rows = new Map();
  #order = new Order();
  #node = byId('list');
  #attention = byId('attention');
  #isPointedAt = false;
  #open = null; // the row and its card

  constructor(store) {
    this.store = store;
    this.seen = new IntersectionObserver(entries => {
      for (const { target, isIntersecting } of entries) {
        const row = this.#rows.get(target.dataset.name);
        if (!row) continue;
        row.isVisible = isIntersecting;
        row.draw(store);
      }
    }, { rootMargin: '200px' });
    this.resized = new ResizeObserver(() => this.#open?.card.redraw(store));
    this.resized.observe(this.#node);
    this.#node.addEventListener('pointerenter', event => { this.#isPointedAt = event.pointerType !== 'touch'; });
    this.#node.addEventListener('pointerleave', () => { this.#isPointedAt = false; });
    this.#node.addEventListener('keydown', event => this.#key(event));
    onFilter(() => this.show());
    onRoute(() => this.#route(true));
    this.#attention.addEventListener('change', () => this.show());
  }

  /** The stream begins again: the rows of existing pipelines stay, and so does the open card. */
  start() {
    for (const [name, row] of this.#rows) {
      const pipeline = this.store.pipelines.get(name);
      if (!pipeline) continue;
      row.pipeline = pipeline;
      if (this.#open?.row === row) this.#open.card.pipeline = pipeline;
    }
  }

  show() {
    for (const name of [...this.#rows.keys()].filter(name => !this.store.pipelines.has(name))) this.#remove(name);
    for (const pipeline of this.store.pipelines.values()) {
      if (!this.#rows.has(pipeline.name)) this.#add(pipeline);
    }
    for (const row of this.#rows.values()) row.write(this.store.at);
    this.#arrange(this.#order.update(this.#places(), performance.now(), this.#isInUse()));
    setText(byId('since'), this.store.since > 0 ? `Recording since ${clock(this.store.since)}` : '');
    byId('held').hidden = !this.#order.isHeld;
    this.#select();
    this.#route(false);
    for (const row of this.#rows.values()) row.draw(this.store);
    this.#open?.card.write(this.store.at);
    this.#open?.card.draw(this.store);
  }

  #add(pipeline) {
    const row = new Row(pipeline, {
      onToggle: name => go(this.#open?.row.pipeline.name === name ? null : name),
      onPin: name => {
        togglePin(name);
        this.#arrange(this.#order.rearrange(this.#places()));
        this.show();
      },
    });
    this.#rows.set(pipeline.name, row);
    this.seen.observe(row.node);
  }

  #remove(name) {
    const row = this.#rows.get(name);
    if (this.#open?.row === row) this.#close();
    this.seen.unobserve(row.node);
    row.node.remove();
    this.#rows.delete(name);
  }

  #places() {
    return new Map([...this.#rows.values()].map(({ pipeline, place }) =>
      [pipeline.name, { isPinned: isPinned(pipeline.name), rank: place.rank, importance: pipeline.state.importance }]));
  }

  #isInUse() {
    return this.#isPointedAt || (document.hasFocus() && this.#node.contains(document.activeElement));
  }

  #arrange(names) {
    const focused = document.activeElement;
    names.forEach((name, index) => {
      const { node } = this.#rows.get(name);
      if (this.#node.children[index] !== node) this.#node.insertBefore(node, this.#node.children[index] ?? null);
    });
    // An element that moves loses the focus, and with it the place of a keyboard user.
    if (focused !== document.activeElement && this.#node.contains(focused)) focused.focus({ preventScroll: true });
  }

  #select() {
    let shown = 0;
    for (const { pipeline, node } of this.#rows.values()) {
      node.hidden = !passes(pipeline.name) || (this.#attention.checked && !needsAttention(pipeline.state));
      if (!node.hidden) shown++;
    }
    const isPart = isFiltered() || this.#attention.checked;
    setText(byId('shown'), isPart ? `${count(shown)} of ${count(this.#rows.size)} shown` : '');
    byId('table').hidden = shown === 0;
    const empty = byId('empty');
    empty.hidden = shown > 0;
    setText(empty, this.#rows.size === 0 ? 'This application has no pipelines yet. They appear here once they are configured.'
      : isFiltered() ? 'No pipeline has this in its name.'
      : 'No pipeline needs attention.');
  }

  /** Opens the card that the address names, and closes any other. */
  #route(isByUser) {
    const name = openName();
    const row = name === null ? null : this.#rows.get(name) ?? null;
    const missing = byId('missing');
    missing.hidden = name === null || row !== null || this.store.at === 0;
    if (!missing.hidden) setText(missing, `There is no pipeline ${name}.`);
    if (row === (this.#open?.row ?? null)) return;
    const closed = this.#open?.row;
    this.#close();
    if (row) this.#show(row);
    else if (isByUser && closed?.node.isConnected) closed.link.focus();
  }

  #show(row) {
    const card = new Card(row.pipeline, row.link.id);
    this.#open = { row, card };
    row.node.append(card.node);
    row.node.classList.add('opened');
    setAttribute(row.link, 'aria-expanded', true);
    setAttribute(row.link, 'aria-controls', card.node.id);
    card.write(this.store.at);
    card.draw(this.store);
    row.node.scrollIntoView({ block: 'nearest' });
  }

  #close() {
    if (!this.#open) return;
    const { row, card } = this.#open;
    card.node.remove();
    row.node.classList.remove('opened');
    setAttribute(row.link, 'aria-expanded', false);
    row.link.removeAttribute('aria-controls');
    this.#open = null;
  }

  #key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape' && this.#open) {
      event.preventDefault();
      go(null);
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.matches('.row a')) return;
    event.preventDefault();
    const links = [...this.#node.querySelectorAll('.pipeline:not([hidden]) > .row a')];
    links[links.indexOf(event.target) + step]?.focus();
  }
}
