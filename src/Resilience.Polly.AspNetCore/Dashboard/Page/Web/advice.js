// The advice on the settings, the worst first.

import { byId, h, setText } from './dom.js';
import { count, readable } from './format.js';
import { icon } from './icons.js';

const icons = { Error: 'Open', Warning: 'warn', Hint: 'info' };
let shown = null;

export function showAdvice(advice) {
  if (advice === shown) return;
  shown = advice;
  setText(byId('advice-count'), advice.length > 0 ? count(advice.length) : '');
  byId('advice').replaceChildren(...(advice.length > 0 ? advice.map(item) : [h('p', { class: 'empty' }, 'Nothing to improve in the settings.')]));
}

function item({ id, severity, pipelineName, setting, value, what, why, suggestion }) {
  return h('details', { class: 'advice', 'data-severity': severity },
    h('summary', {}, icon(icons[severity]), h('span', {}, h('strong', {}, pipelineName), ` ${setting} = ${readable(value)}`)),
    h('p', {}, `${severity}: ${what} ${why}`),
    h('p', {}, 'Better: ', h('b', {}, readable(suggestion)), readable(suggestion) === suggestion ? '. ' : ` (${suggestion}). `, h('code', {}, id)));
}
