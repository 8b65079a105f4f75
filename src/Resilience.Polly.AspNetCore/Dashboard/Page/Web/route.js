// The address names the open card, so that links to it and the back button work.

const KEY = 'pipeline';
const listeners = [];

export const hashOf = name => `#${new URLSearchParams({ [KEY]: name })}`;

export const openName = () => new URLSearchParams(location.hash.slice(1)).get(KEY);

export const onRoute = show => listeners.push(show);

export const go = name => change(name === null ? location.pathname + location.search : hashOf(name));

function change(address) {
  history.pushState(null, '', address); // which raises no event
  tell();
}

function tell() {
  for (const show of listeners) show();
}

window.addEventListener('popstate', tell);
