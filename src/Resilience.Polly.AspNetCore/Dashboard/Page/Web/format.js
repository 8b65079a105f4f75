// How values are written: three digits are enough, and a unit always follows.

const number = (value, digits) => value.toLocaleString('en-US', { maximumFractionDigits: digits });

export const count = value => number(value, 0);

export const rate = value => number(value, value < 10 ? 1 : 0);

export const percent = share => `${number(share * 100, share < 0.1 ? 1 : 0)} %`;

export function duration(ms) {
  if (ms < 1) return ms === 0 ? '0 ms' : `${number(ms, 2)} ms`;
  if (ms < 999.5) return `${number(ms, ms < 10 ? 1 : 0)} ms`;
  if (ms < 59_500) return `${number(ms / 1000, ms < 9_950 ? 1 : 0)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 600) return parts([[Math.floor(seconds / 60), 'min'], [seconds % 60, 's']]);
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 2_880) return parts([[Math.floor(minutes / 60), 'h'], [minutes % 60, 'min']]);
  return `${count(minutes / 1_440)} days`;
}

/** A duration in one unit, for narrow places. */
export const shortDuration = ms => ms >= 60_000 && ms < 3_600_000 ? `${number(ms / 60_000, 1)} min` : duration(ms);

/** Whole seconds, for values that count up or down. */
export const age = ms => duration(Math.max(0, Math.round(ms / 1000) * 1000)).replace(/^0 ms$/, '0 s');

/** A text with its durations as people write them: 00:01:30 becomes "1 min 30 s". Nothing is rounded. */
export const readable = text => text.replace(/(?<![\d:.])(?:(\d+)\.)?(\d\d):(\d\d):(\d\d)(\.\d+)?(?![\d:])/g,
  (_, days = 0, hours, minutes, seconds, fraction = '') => {
    const exact = Number(seconds + fraction);
    const [d, h, min] = [days, hours, minutes].map(Number);
    return d + h + min === 0 && exact < 1 ? `${number(exact * 1000, 4)} ms` : parts([[d, d === 1 ? 'day' : 'days'], [h, 'h'], [min, 'min'], [exact, 's']]);
  });

const ofToday = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' });
const ofAnotherDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' });

/** The time with its zone, and with the date if it is of another day. */
export const clock = ms => (Math.abs(Date.now() - ms) < 12 * 3_600_000 || isToday(ms) ? ofToday : ofAnotherDay).format(ms);

export const words = { Closed: 'Closed', Open: 'Open', HalfOpen: 'Half-open', Isolated: 'Isolated' };

const isToday = ms => new Date(ms).toDateString() === new Date().toDateString();

function parts(values) {
  const shown = values.filter(([value]) => value !== 0).map(([value, unit]) => `${number(value, 4)} ${unit}`);
  return shown.length > 0 ? shown.join(' ') : '0 s';
}
