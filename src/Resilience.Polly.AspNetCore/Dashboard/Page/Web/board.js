// All cards: which are there, in which order, which of them the filter leaves, and which can be seen.

import { Card } from './cards.js';
import { byId, setText } from './dom.js';
import { isFiltered, onFilter, passes } from './filter.js';
import { count } from './format.js';
import { needsAttention, worstFirst } from './severity.js';

export class Board {
  #cards = new Map();
  #order = [];
  #list = byId('cards');
  #attention = byId('attention');

  constructor(store) {
    this.store = store;
    this.seen = new IntersectionObserver(entries => {
      for (const { target, isIntersecting } of entries) {
        const card = this.#cards.get(target.dataset.name);
        if (!card) continue;
        card.isVisible = isIntersecting;
        card.draw(store);
      }
    }, { rootMargin: '200px' });
    this.resized = new ResizeObserver(() => this.#cards.forEach(card => card.redraw(store)));
    this.resized.observe(this.#list);
    onFilter(() => this.show());
    this.#attention.addEventListener('change', () => this.show());
  }

  /** The stream begins anew: the cards of the pipelines that are still there stay, with whatever is open in them. */
  start() {
    for (const [name, card] of this.#cards) {
      const pipeline = this.store.pipelines.get(name);
      if (pipeline) card.pipeline = pipeline;
      else {
        card.node.remove();
        this.seen.unobserve(card.node);
        this.#cards.delete(name);
      }
    }
  }

  show() {
    for (const pipeline of this.store.pipelines.values()) {
      if (!this.#cards.has(pipeline.name)) this.#add(pipeline);
    }
    this.#cards.forEach(card => card.write(this.store.at));
    this.#arrange();
    this.#select();
    this.#cards.forEach(card => card.draw(this.store));
  }

  #add(pipeline) {
    const card = new Card(pipeline);
    card.node.dataset.name = pipeline.name;
    this.#cards.set(pipeline.name, card);
    this.seen.observe(card.node);
  }

  #arrange() {
    const order = [...this.#cards.values()].sort(worstFirst).map(card => card.node);
    if (order.length === this.#order.length && order.every((node, index) => node === this.#order[index])) return;
    this.#order = order;
    const focused = document.activeElement;
    order.forEach((node, index) => {
      if (this.#list.children[index] !== node) this.#list.insertBefore(node, this.#list.children[index] ?? null);
    });
    // An element that moves loses the focus, and with it the place of a keyboard user.
    if (focused !== document.activeElement && this.#list.contains(focused)) focused.focus({ preventScroll: true });
  }

  #select() {
    let shown = 0;
    for (const { pipeline, node } of this.#cards.values()) {
      node.hidden = !passes(pipeline.name) || (this.#attention.checked && !needsAttention(pipeline.state));
      if (!node.hidden) shown++;
    }
    const isPart = isFiltered() || this.#attention.checked;
    setText(byId('shown'), isPart ? `${count(shown)} of ${count(this.#cards.size)} shown` : '');
    const empty = byId('empty');
    empty.hidden = shown > 0;
    setText(empty, this.#cards.size === 0 ? 'This application has no pipelines yet. They appear here once they are configured.'
      : isFiltered() ? 'No pipeline has this in its name.'
      : 'No pipeline needs attention.');
  }
}
