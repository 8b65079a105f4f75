// Which card is open stands in the address, so that it can be linked to and the back button works.

const KEY = 'pipeline';
const listeners = [];

export const hashOf = name => `#${new URLSearchParams({ [KEY]: name })}`;

export const openName = () => new URLSearchParams(location.hash.slice(1)).get(KEY);

export const onRoute = show => listeners.push(show);

export const go = name => change(name === null ? location.pathname + location.search : hashOf(name));

function change(address) {
  history.pushState(null, '', address); // which tells nobody
  tell();
}

function tell() {
  for (const show of listeners) show();
}

window.addEventListener('popstate', tell);
