// Shows whether the data of the page is current.

import { byId, setText } from './dom.js';
import { clock } from './format.js';

const pill = byId('connection');
const banner = byId('lost');
let lastHeard = null;

export function showConnection({ state, reason }) {
  pill.dataset.state = state;
  document.body.classList.toggle('stale', state === 'lost');
  if (state === 'live') {
    lastHeard = Date.now();
    setText(pill, 'Live');
    banner.hidden = true;
    return;
  }
  setText(pill, 'Reconnecting');
  setText(banner, `${reason} ${lastHeard ? `This data is from ${clock(lastHeard)}.` : ''} Trying again.`);
  banner.hidden = false;
}

/** After a deployment: this page is of the previous version, and may not understand the new data. */
export function showOutdated() {
  setText(banner, 'The application was updated. Load this page again.');
  banner.hidden = false;
}
