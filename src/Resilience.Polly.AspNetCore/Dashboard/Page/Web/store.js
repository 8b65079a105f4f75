// The data of the page: the last state of every pipeline, and the samples behind its charts.

const columns = {
  callsPerSecond: state => state.callsPerSecond,
  failedPerSecond: state => state.failedPerSecond,
  rejectedPerSecond: state => state.rejectedPerSecond,
  retryRate: state => state.calls.retryRate,
  p50: state => state.p50,
  p95: state => state.p95,
  p99: state => state.p99,
  inUse: state => state.inUse,
  waiting: state => state.waiting,
  limit: state => state.limit,
  state: state => circuitStates.indexOf(state.state),
};

export const circuitStates = ['Closed', 'Open', 'HalfOpen', 'Isolated'];

export class Store {
  pipelines = new Map();
  times = [];
  span = 300_000;
  interval = 1000;
  at = 0;
  since = 0;
  advice = [];

  /** Takes the whole state, when the stream begins. */
  start(whole) {
    this.interval = whole.interval;
    this.span = whole.span;
    this.times = whole.times;
    this.at = whole.at;
    this.since = whole.since;
    this.advice = whole.advice;
    this.pipelines = new Map(whole.pipelines.map(state => {
      const { points, ...history } = whole.history[state.name];
      for (const name in history) {
        if (!Array.isArray(history[name])) history[name] = new Array(points).fill(history[name]);
      }
      return [state.name, { name: state.name, state, settings: whole.settings[state.name], history }];
    }));
  }

  /** Adds one sample. It has only the pipelines that changed; the others keep their state. */
  add(tick) {
    this.at = tick.at;
    this.advice = tick.advice ?? this.advice;
    this.times.push(tick.at);
    const { points } = this;
    if (this.times.length > points) this.times.shift();
    for (const name of tick.gone ?? []) this.pipelines.delete(name);
    for (const state of tick.pipelines) {
      const known = this.pipelines.get(state.name);
      if (known) known.state = state;
      else this.pipelines.set(state.name, { name: state.name, state, history: Object.fromEntries(Object.keys(columns).map(name => [name, []])) });
    }
    for (const [name, settings] of Object.entries(tick.settings ?? {})) this.pipelines.get(name).settings = settings;
    for (const { state, history } of this.pipelines.values()) {
      for (const name in columns) {
        history[name].push(columns[name](state));
        if (history[name].length > points) history[name].shift();
      }
    }
  }

  /** How many samples a chart has at most. */
  get points() {
    return Math.floor(this.span / this.interval);
  }

  /** The samples of one pipeline with their times; it may be younger than the others. */
  view(pipeline) {
    return { ...pipeline.history, times: this.times.slice(-pipeline.history.state.length), now: this.at, span: this.span, isWhole: pipeline.history.state.length >= this.points };
  }
}
