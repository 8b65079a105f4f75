// Shows the data of the stream on the page, at most once per frame.

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
  // In a background tab frames stop, and only its title can be seen.
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

// Without the browser's own jump, since the part of the address after # names the open card.
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
