// The filter by name, shared by list and events.

import { byId } from './dom.js';

const input = byId('filter');

const filter = () => input.value.trim().toLowerCase();

export const isFiltered = () => filter() !== '';

export const passes = name => name.toLowerCase().includes(filter());

export const onFilter = show => input.addEventListener('input', show);

document.addEventListener('keydown', event => {
  if (event.key !== '/' || event.target.closest('input, dialog') || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  input.focus();
});
