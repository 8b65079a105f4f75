// Says whether what the page shows is of now.

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
  setText(banner, `${reason} ${lastHeard ? `What you see is of ${clock(lastHeard)}.` : ''} Trying again.`);
  banner.hidden = false;
}

/** After a deployment: this page is of the version before, and need not understand what the new one sends. */
export function showOutdated() {
  setText(banner, 'The application was updated. Load this page again.');
  banner.hidden = false;
}
