// Puts what the stream brings onto the page, at most once a frame.

import { showAdvice } from './advice.js';
import { announce } from './announcer.js';
import { Board } from './board.js';
import { showConnection, showOutdated } from './connection.js';
import { byId, setText } from './dom.js';
import { addToLog, startLog } from './log.js';
import { showOverview } from './overview.js';
import { Store } from './store.js';
import { follow } from './stream.js';

const version = new URL(import.meta.url).pathname.split('/').at(-2);
const store = new Store();
const board = new Board(store);
let isPending = false;
let isOutdated = false;

const handlers = {
  whole(data) {
    isOutdated = data.version !== version;
    store.start(data);
    board.start();
    startLog(data.log);
    setText(byId('instance'), ` on ${data.instance}`);
  },
  tick(data) {
    store.add(data);
    addToLog(data.log);
  },
};

function show() {
  // Frames stop in a tab in the background, whose title is all that can be seen of it.
  showOverview(store);
  if (isPending) return;
  isPending = true;
  requestAnimationFrame(() => {
    isPending = false;
    showAdvice(store.advice);
    board.show();
    announce(store);
  });
}

follow('stream', {
  onEvent(name, data) {
    handlers[name](data);
    show();
  },
  onState(state) {
    showConnection(state);
    if (isOutdated) showOutdated();
  },
  patience: () => 5000 + 3 * store.interval,
});
