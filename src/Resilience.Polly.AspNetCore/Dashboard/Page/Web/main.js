// Puts what the stream brings onto the page, at most once a frame.

import { showAdvice } from './advice.js';
import { announce } from './announcer.js';
import { showConnection, showOutdated } from './connection.js';
import { byId, setText } from './dom.js';
import { List } from './list.js';
import { addToLog, startLog } from './log.js';
import { showOverview } from './overview.js';
import { Store } from './store.js';
import { follow } from './stream.js';

const version = new URL(import.meta.url).pathname.split('/').at(-2);
const store = new Store();
const list = new List(store);
let isPending = false;
let isOutdated = false;

const handlers = {
  whole(data) {
    isOutdated = data.version !== version;
    store.start(data);
    list.start();
    startLog(data.log);
    setText(byId('instance'), ` · ${data.instance}`);
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
    list.show();
    announce(store);
  });
}

// By hand: the part of the address behind # says which card is open.
document.querySelector('.skip').addEventListener('click', event => {
  event.preventDefault();
  byId('pipelines').focus();
});

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
