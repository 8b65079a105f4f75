// The buttons that isolate and reset a circuit. The page has them only if the server allows this viewer to use them.

import { byId, h, setText } from './dom.js';

const base = document.documentElement.dataset.controls;

const actions = {
  isolate: { label: 'Isolate', text: name => `Every call of ${name} is rejected until the circuit is reset.` },
  reset: { label: 'Reset', text: name => `The circuit of ${name} closes and forgets its failures.` },
};

export function buttonsOf(pipeline) {
  if (!base) return null;
  const answer = h('p', { class: 'answer', role: 'status' });
  return h('div', { class: 'buttons', role: 'group', 'aria-label': `Circuit of ${pipeline.name}` },
    ...Object.keys(actions).map(action => h('button', {
      type: 'button', class: action, 'aria-label': `${actions[action].label} ${pipeline.name}`,
      onclick: () => act(action, pipeline.name, answer),
    }, actions[action].label)), answer);
}

async function act(action, name, answer) {
  if (!await confirmed(action, name)) return;
  setText(answer, '');
  try {
    const token = await ask(`${base}/token`);
    const { header, token: value } = await token.json();
    await ask(`${base}/${action}?pipeline=${encodeURIComponent(name)}`, { method: 'POST', headers: { [header]: value } });
    setText(answer, action === 'isolate' ? 'Isolated.' : 'Reset.');
  } catch (error) {
    setText(answer, error.message);
  }
}

async function ask(url, request) {
  const response = await fetch(url, request).catch(() => { throw new Error('The server does not answer.'); });
  if (response.status === 401 || response.status === 403) throw new Error('You may not do this. Load the page again to sign in.');
  if (!response.ok) throw new Error(await response.text() || `The server answers ${response.status}.`);
  return response;
}

function confirmed(action, name) {
  const dialog = byId('confirm');
  setText(byId('confirm-title'), `${actions[action].label} ${name}?`);
  setText(byId('confirm-text'), actions[action].text(name));
  setText(byId('confirm-do'), actions[action].label);
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise(resolve => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'do'), { once: true }));
}
