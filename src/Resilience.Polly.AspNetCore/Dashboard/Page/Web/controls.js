// The buttons that isolate and reset circuits. The page has them only if the server allows this viewer to use them.

import { byId, h, setText } from './dom.js';

const base = document.documentElement.dataset.controls;

const actions = {
  isolate: { label: 'Isolate', done: what => `${what} is isolated.`, text: what => `Every call of ${what} is rejected. If you set a time, one call probes when it is over.`, hasTime: true },
  reset: { label: 'Reset', done: what => `${what} is reset.`, text: what => `The circuit of ${what} closes and forgets its failures.` },
};

export const hasControls = Boolean(base);

/** Says what came of a button. */
export const answerLine = () => h('p', { class: 'answer', role: 'status' });

/** @param partition the key of a partition; null for the whole pipeline */
export function buttonsOf(pipeline, partition, answer) {
  const what = partition === null ? pipeline : `${partition} of ${pipeline}`;
  const target = partition === null ? { pipeline } : { pipeline, partition };
  return h('div', { class: 'buttons', role: 'group', 'aria-label': `Circuit of ${what}` },
    ...Object.keys(actions).map(action => h('button', {
      type: 'button', class: action, 'aria-label': `${actions[action].label} ${what}`,
      onclick: () => act(action, what, target, answer),
    }, actions[action].label)));
}

async function act(action, what, target, answer) {
  if (!await confirmed(action, what)) return;
  const seconds = actions[action].hasTime ? byId('confirm-seconds').value : '';
  const query = new URLSearchParams(seconds === '' ? target : { ...target, seconds });
  setText(answer, '');
  try {
    const token = await ask(`${base}/token`);
    const { header, token: value } = await token.json();
    await ask(`${base}/${action}?${query}`, { method: 'POST', headers: { [header]: value } });
    setText(answer, actions[action].done(what));
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

function confirmed(action, what) {
  const dialog = byId('confirm');
  setText(byId('confirm-title'), `${actions[action].label} ${what}?`);
  setText(byId('confirm-text'), actions[action].text(what));
  setText(byId('confirm-do'), actions[action].label);
  byId('confirm-time').hidden = !actions[action].hasTime;
  byId('confirm-seconds').value = '';
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise(resolve => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'do'), { once: true }));
}
