// One shape for each state, so that no state is shown by its colour alone.

import { svg } from './dom.js';

const shapes = {
  Closed: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1m3.3 5.2-4 4.6a.8.8 0 0 1-1.2 0L4.5 9l1.1-1.1 1.1 1.2 3.5-4z',
  Open: 'M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1zm.6 3.5L4.5 5.7 6.8 8l-2.3 2.3 1.2 1.2L8 9.2l2.3 2.3 1.2-1.2L9.2 8l2.3-2.3-1.2-1.2L8 6.8z',
  HalfOpen: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1m0 1.6v10.8A5.4 5.4 0 0 1 8 2.6',
  Isolated: 'M2.5 1h11A1.5 1.5 0 0 1 15 2.5v11a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 1 13.5v-11A1.5 1.5 0 0 1 2.5 1M4 7v2h8V7z',
  warn: 'M8 1 15.5 14.5H.5zM7.1 6v4h1.8V6zm0 5.2V13h1.8v-1.8z',
  pin: 'M5 1h6v1.4l-1 .8v4l2.2 2v1.3H8.7V15h-1.4v-4.5H3.8V9.2L6 7.2v-4l-1-.8z',
  info: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1m-.9 2.9h1.8v1.8H7.1zm0 2.9h1.8v5.3H7.1z',
};

export const icon = name =>
  svg('svg', { class: 'icon', viewBox: '0 0 16 16', 'aria-hidden': 'true' }, svg('path', { d: shapes[name], 'fill-rule': 'evenodd' }));

export function setIcon(node, name) {
  node.firstChild.setAttribute('d', shapes[name]);
}
