// The order of the list. Worse pipelines come first. Nothing jumps under the mouse: equals keep their places, and after a move the order stays for a while.

const REST = 5_000;
const importances = ['Critical', 'Standard', 'Background'];

/** The key of the order, smaller is higher. The name counts only when a pipeline gets its first place. */
const keyOf = ({ isPinned, rank, importance }) => (isPinned ? 0 : 1_000) - 10 * rank + importances.indexOf(importance);

export class Order {
  #names = [];
  #movedAt = -Infinity;

  /** Whether the held order differs from the order by rank. */
  isHeld = false;

  /**
   * @param places isPinned, rank and importance for each name
   * @param now milliseconds
   * @param isInUse whether the user points at the list or works in it
   * @returns the names in the order to show
   */
  update(places, now, isInUse) {
    const isFirst = this.#names.length === 0;
    const known = this.#names.filter(name => places.has(name));
    const fresh = [...places.keys()].filter(name => !this.#names.includes(name)).sort((left, right) => left.localeCompare(right));
    const current = [...known, ...fresh];
    const wanted = sorted(current, places);
    const isOther = wanted.some((name, index) => name !== current[index]);
    this.isHeld = isOther && isInUse && !isFirst;
    if (isOther && (isFirst || (!isInUse && now - this.#movedAt >= REST))) {
      this.#movedAt = isFirst ? this.#movedAt : now;
      return this.#names = wanted;
    }
    return this.#names = current;
  }

  /** Sorts at once, since the user asked for it. */
  rearrange(places) {
    this.isHeld = false;
    return this.#names = sorted(this.#names, places);
  }
}

// The sort of a browser is stable: equals stay as they are.
const sorted = (names, places) => [...names].sort((left, right) => keyOf(places.get(left)) - keyOf(places.get(right)));
