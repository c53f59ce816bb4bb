// The board's page. It shows what /api/changes tells it: `state` holds everything, each `change` what is new since.
// Text from records goes into the page as text only, never as markup.

const $ = (id) => document.getElementById(id);
const COLORS = ['#3b82c4', '#d9822b', '#2e9e6b', '#b3589e', '#8a6fd1', '#c2504b', '#7d8a1f', '#2aa3a8', '#a0703c', '#6b7f99', '#d0659a', '#4f9e3a'];
const SYNC = 'board';
const ALARMS_SHOWN = 3;
const HEALTHY_RHO = [0.10, 0.25];

const board = {
  model: '', history: 600, control: false, now: 0, from: 0,
  flow: new Map(), streams: new Map(), learners: new Map(),
  versions: [], pinned: null, alarms: [], orders: [], seen: new Set(),
  energyColumn: 2,
};

// ---- what comes -------------------------------------------------------------------------------------------------

function merge(points, rows) {
  for (const row of rows) points.set(row[0], row);
}

/** An alarm that comes again later is another one. */
const alarmKey = (a) => `${a.time} ${a.id}`;

const ringing = (a) => a.time >= board.now - 1000 * board.history;

/** Where charts begin: with what there is, and no earlier than they go back. */
function begin() {
  let first = Infinity;
  for (const points of [board.flow, ...[...board.streams.values(), ...board.learners.values()].map((s) => s.points)]) {
    for (const t of points.keys()) first = Math.min(first, t);
  }
  const now = board.now / 1000;
  return Math.max(now - board.history, Math.min(first, now - 60));
}

function trim(points) {
  const from = board.now / 1000 - board.history;
  for (const t of points.keys()) if (t < from) points.delete(t);
}

function keyed(map, key, fresh) {
  const { points, ...rest } = fresh;
  const entry = map.get(key) ?? { points: new Map() };
  Object.assign(entry, rest);
  merge(entry.points, points);
  map.set(key, entry);
}

function take(view, everything) {
  if (everything) {
    // it may be another board than before: its pictures have the same names
    board.flow.clear();
    board.streams.clear();
    board.learners.clear();
    pairNodes.clear();
    chainsShown = '';
  }
  Object.assign(board, { model: view.model, history: view.history_millis / 1000, control: view.control, now: view.now, pinned: view.pinned });
  merge(board.flow, view.flow);
  trim(board.flow);
  for (const s of view.streams) keyed(board.streams, s.name, s);
  for (const l of view.learners) keyed(board.learners, l.shard, l);
  for (const [name, s] of board.streams) {
    trim(s.points);
    if (!s.points.size && s.last < board.now - 1000 * board.history) board.streams.delete(name);
  }
  for (const l of board.learners.values()) trim(l.points);
  board.from = begin();
  if (view.versions) board.versions = view.versions;
  if (view.alarms) {
    board.alarms = view.alarms;
    const keys = new Set(board.alarms.map(alarmKey));
    for (const key of board.seen) if (!keys.has(key)) board.seen.delete(key);
  }
  if (view.orders) board.orders = view.orders;
  show(view);
}

// ---- words and numbers --------------------------------------------------------------------------------------------

const pad = (n) => String(n).padStart(2, '0');

function clock(millis) {
  const d = new Date(millis);
  const time = `${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}`;
  return new Date().toDateString() === d.toDateString() ? time : `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())} ${time}`;
}

function ago(millis) {
  const s = Math.max(0, Math.round((board.now - millis) / 1000));
  if (s < 60) return `${s} s ago`;
  return s < 3600 ? `${Math.round(s / 60)} min ago` : s < 172800 ? `${Math.round(s / 3600)} h ago` : `${Math.round(s / 86400)} days ago`;
}

function number(value, digits = 3) {
  if (value == null) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e7) return value.toExponential(2);
  if (size >= 1000) return Math.round(value).toLocaleString('en');
  return size < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(digits)));
}

const count = (n) => n.toLocaleString('en');

function seconds(value) {
  return value == null ? '–' : value < 1 ? `${Math.round(value * 1000)} ms` : value < 120 ? `${number(value)} s` : `${Math.round(value / 60)} min`;
}

function el(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text != null) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function tag(text, kind) {
  return el('span', text, { class: `tag ${kind}` });
}

function empty(what, isEmpty) {
  document.querySelector(`.empty[data-for="${what}"]`).hidden = !isEmpty;
}

/** Puts rows into a table's body; a cell is text, a number with class n, or an element. */
function rows(table, lines) {
  $(table).tBodies[0].replaceChildren(...lines.map((cells) => {
    const row = el('tr');
    for (const cell of cells) {
      const td = el('td');
      if (cell instanceof Node) td.append(cell);
      else if (typeof cell === 'object' && cell !== null) { td.className = 'n'; td.textContent = cell.n; } else td.textContent = cell;
      row.append(td);
    }
    return row;
  }));
  $(table).hidden = lines.length === 0;
}

const n = (text) => ({ n: text });
const last = (points) => { let found = null; for (const row of points.values()) if (!found || row[0] > found[0]) found = row; return found; };

// ---- charts -------------------------------------------------------------------------------------------------------

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const charts = new Map();

function marks(chart, { versions, windows, band }) {
  const { ctx, bbox } = chart;
  const line = (time, stroke, dash) => {
    if (time < board.from) return;
    const x = Math.round(chart.valToPos(time, 'x', true));
    ctx.beginPath();
    ctx.setLineDash(dash);
    ctx.strokeStyle = stroke;
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  };
  ctx.save();
  if (band) {
    const [low, high] = band.map((v) => Math.min(bbox.top + bbox.height, Math.max(bbox.top, chart.valToPos(v, 'y', true))));
    ctx.globalAlpha = 0.13;
    ctx.fillStyle = color('--good');
    ctx.fillRect(bbox.left, high, bbox.width, low - high);
    ctx.globalAlpha = 1;
  }
  if (windows) {
    ctx.globalAlpha = 0.13;
    ctx.fillStyle = color('--bad');
    for (const a of board.alarms) {
      if (!a.window_count || a.time / 1000 < board.from) continue;
      // windows are in event time, charts in Kafka's: the window's end is where the alarm is
      const start = (a.time - (a.window_end - a.window_start)) / 1000;
      const [left, right] = [Math.max(start, board.from), a.time / 1000].map((t) => chart.valToPos(t, 'x', true));
      ctx.fillRect(left, bbox.top, right - left, bbox.height);
    }
    ctx.globalAlpha = 1;
  }
  ctx.lineWidth = devicePixelRatio;
  if (versions) for (const v of board.versions) line(v.time / 1000, color('--soft'), [2 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.lineWidth = 2 * devicePixelRatio;
  for (const a of board.alarms) line(a.time / 1000, color('--bad'), []);
  ctx.restore();
}

function chart(id, series, { zero = false, ...drawn } = {}) {
  const box = $(id);
  const range = (_, low, high) => {
    if (low == null) return [0, 1];
    const least = zero ? Math.min(0, low) : low;
    const room = 0.08 * (high - least) || Math.abs(high) * 0.1 || 1;
    return [zero && low >= 0 ? 0 : least - room, high + room];
  };
  const made = new uPlot({
    width: box.clientWidth || 300, height: 176, padding: [8, 18, 0, 0], pxAlign: 1,
    cursor: { sync: { key: SYNC }, drag: { x: false, y: false } },
    legend: { live: true, show: series.length > 1 },
    scales: { x: { time: true, range: () => [board.from, board.now / 1000] }, y: { range } },
    axes: [
      { stroke: () => color('--soft'), font: '11px system-ui, sans-serif', grid: { show: false }, ticks: { show: false }, space: 70, size: 28,
        values: (_, ticks) => ticks.map((t) => (board.now / 1000 - board.from > 300 ? clock(t * 1000).slice(-8, -3) : clock(t * 1000).slice(-8))) },
      { size: 52, stroke: () => color('--soft'), font: '11px system-ui, sans-serif', grid: { stroke: () => color('--grid'), width: 1 }, ticks: { show: false },
        values: (_, ticks) => ticks.map((t) => number(t, 4)) }],
    series: [{ value: (_, t) => (t == null ? '' : clock(t * 1000)) },
      ...series.map((s) => ({ spanGaps: true, width: 1.6, points: { show: false }, value: (_, v) => number(v), ...s }))],
    hooks: { drawClear: [(u) => marks(u, drawn)], setLegend: [(u) => u.root.classList.toggle('idle', u.legend.idx == null)] },
  }, [[], ...series.map(() => [])], box);
  made.root.classList.add('idle');
  charts.get(id)?.destroy();
  charts.set(id, made);
  return made;
}

/** Columns of several series by time: [times, values of the first, ..]. */
function columns(all) {
  const times = [...new Set(all.flatMap(({ points }) => [...points.keys()]))].sort((a, b) => a - b);
  return [times, ...all.map(({ points, column }) => times.map((t) => points.get(t)?.[column] ?? null))];
}

let energyKey = '';
function drawEnergies() {
  const names = [...board.streams.keys()].sort();
  const key = `${board.energyColumn} ${JSON.stringify(names)}`;
  if (key !== energyKey || !charts.has('c-energy')) {
    energyKey = key;
    chart('c-energy', names.map((name, i) => ({ label: name, stroke: COLORS[i % COLORS.length] })), { versions: board.energyColumn !== 4, windows: true });
  }
  charts.get('c-energy').setData(columns(names.map((name) => ({ points: board.streams.get(name).points, column: board.energyColumn }))));
}

let learnerKey = '';
function drawLearners() {
  const shards = [...board.learners.keys()].sort((a, b) => a - b);
  const label = (what, shard) => (shards.length > 1 ? `${what} ${shard}` : what);
  if (String(shards) !== learnerKey || !charts.has('c-d')) {
    learnerKey = String(shards);
    chart('c-d', shards.map((s, i) => ({ label: label('d', s), stroke: COLORS[i % COLORS.length] })), { versions: true });
    chart('c-rho', shards.map((s, i) => ({ label: label('ρ', s), stroke: COLORS[i % COLORS.length] })), { zero: true, band: HEALTHY_RHO });
  }
  const of = (s, column) => ({ points: board.learners.get(s).points, column });
  charts.get('c-d').setData(columns(shards.map((s) => of(s, 1))));
  charts.get('c-rho').setData(columns(shards.map((s) => of(s, 3))));
}

function drawFlow() {
  if (!charts.has('c-rate')) {
    chart('c-rate', [{ label: 'images / s', stroke: COLORS[0], fill: `${COLORS[0]}22` }], { zero: true });
    chart('c-latency', [{ label: 'median', stroke: COLORS[0] }, { label: '99 %', stroke: COLORS[1] }], { zero: true });
  }
  charts.get('c-rate').setData(columns([{ points: board.flow, column: 1 }]));
  charts.get('c-latency').setData(columns([{ points: board.flow, column: 2 }, { points: board.flow, column: 3 }]));
}

// ---- the page's parts ---------------------------------------------------------------------------------------------

function figures() {
  const recent = [...board.flow.values()].filter((r) => r[0] >= board.now / 1000 - Math.max(10, board.history / 60));
  const images = recent.reduce((sum, r) => sum + r[1], 0);
  $('f-rate').textContent = recent.length ? number(images / recent.length) : board.flow.size ? '0' : '–';
  const newest = last(board.flow);
  $('f-latency').textContent = seconds(newest?.[2]);
  $('f-latency-more').textContent = newest ? `median; 99 %: ${seconds(newest[3])}` : 'median';
  const learners = [...board.learners.values()];
  $('f-update').textContent = learners.length ? count(Math.max(...learners.map((l) => l.update))) : '–';
  $('f-update-more').textContent = learners.length ? `${count(learners.reduce((sum, l) => sum + l.images, 0))} images taken in` : 'of the learner';
  $('f-version').textContent = board.versions[0]?.version ?? '–';
  $('f-version-more').textContent = board.pinned ? `newest; pinned: ${board.pinned}` : board.versions[0] ? `published ${ago(board.versions[0].time)}` : 'none yet';
  const rung = board.alarms.filter(ringing);
  $('f-alarms').textContent = rung.length;
  $('f-alarms-more').textContent = `in the last ${Math.round(board.history / 60)} min`;
  $('f-alarms-box').classList.toggle('alarming', rung.length > 0);
  const unseen = rung.find((a) => !board.seen.has(alarmKey(a)));
  $('alarm-banner').hidden = !unseen;
  if (unseen) $('alarm-text').textContent = `Alarm ${ago(unseen.time)}: ${unseen.kind.replaceAll('_', ' ')}${unseen.stream ? ` in ${unseen.stream}` : ''}. ${unseen.message}`;
}

function streams(view) {
  const names = [...board.streams.keys()].sort();
  empty('streams', names.length === 0);
  $('c-energy').hidden = names.length === 0;
  rows('streams', names.map((name, i) => {
    const s = board.streams.get(name);
    const point = last(s.points);
    const label = el('span');
    const dot = el('span', null, { class: 'dot' });
    dot.style.background = COLORS[i % COLORS.length];
    label.append(dot, name);
    if (board.alarms.some((a) => a.stream === name && ringing(a))) label.append(' ', tag('alarm', 'bad'));
    return [label, s.version ?? '–', n(count(s.images)), n(number(point?.[2])), n(point ? `${number(point[1])} to ${number(point[3])}` : '–'), n(number(point?.[6])), n(number(point?.[4], 2))];
  }));
  $('streams-more').hidden = !view.streams_left_out;
  if (names.length) drawEnergies();
}

function learners() {
  const all = [...board.learners.values()].sort((a, b) => a.shard - b.shard);
  empty('learners', all.length === 0);
  rows('learners', all.map((l) => {
    const p = last(l.points) ?? [];
    const rhat = el('span', l.rhat == null ? '–' : number(l.rhat));
    rhat.title = l.rhat == null ? `after ${l.rhat_updates} updates there is none yet` : `of d over the last ${l.rhat_updates} updates`;
    if (l.rhat > 1.1) rhat.className = 'missing';
    const right = (node) => { node.style.display = 'block'; node.style.textAlign = 'right'; return node; };
    return [String(l.shard), n(count(l.update)), n(number(p[1])), n(number(p[2])), n(number(p[3])), right(rhat),
      n(l.age == null ? '–' : `${count(l.age)} / ${count(l.oldest)}`), n(`${l.restarted} of ${l.chains}`), n(count(l.replay)), n(number(l.rate)),
      n(number(l.update_millis)), n(number(p[6])), `${l.executor}${l.attempt ? `, attempt ${l.attempt}` : ''}`];
  }));
  const event = all.map((l) => l.event).filter(Boolean).at(-1);
  $('learner-event').hidden = !event;
  $('learner-event').textContent = event ? `Out of the ordinary, ${event}` : '';
  document.querySelector('#s-learner .charts').hidden = all.length === 0;
  if (all.length) drawLearners();
}

let chainsShown = '';
function chains() {
  const version = board.versions.find((v) => v.grid);
  empty('chains', !version);
  $('chains').hidden = !version;
  if (version && version.version !== chainsShown) {
    chainsShown = version.version;
    $('chains').src = `api/versions/${encodeURIComponent(version.version)}/grid.png?t=${version.time}`;
    $('chains-say').textContent = `What the model believes the stream looks like: its oldest chains at version ${version.version}.`;
  }
}

const pairNodes = new Map();
function pairs(list) {
  empty('pairs', list.length === 0);
  const ids = new Set(list.map((p) => p.id));
  for (const id of pairNodes.keys()) if (!ids.has(id)) pairNodes.delete(id);
  $('pairs').replaceChildren(...list.map((p) => {
    let item = pairNodes.get(p.id);
    if (!item) {
      item = el('li');
      const figure = el('figure');
      const two = el('div', null, { class: 'two' });
      two.append(
        p.input ? el('img', null, { src: `api/pairs/${p.id}/input.png?t=${p.time}`, alt: `image ${p.image} as it came`, title: 'as it came' }) : el('span', 'input not at hand', { class: 'none' }),
        el('img', null, { src: `api/pairs/${p.id}/purified.png?t=${p.time}`, alt: `image ${p.image} purified`, title: `purified with version ${p.version}, ${p.steps} steps` }));
      const words = el('figcaption', `${number(p.before, 4)} → ${number(p.after, 4)}${p.predicted ? `, ${p.predicted}` : ''}`);
      words.title = `image ${p.image} of ${p.stream}, version ${p.version}, ${p.steps} steps, moved ${number(p.moved)}, ${clock(p.time)}`;
      figure.append(two, words);
      item.append(figure);
      pairNodes.set(p.id, item);
    }
    return item;
  }));
}

let versionsShown = '';
function versions() {
  const serving = new Set([...board.streams.values()].map((s) => s.version));
  // buttons stay the same ones while nothing changes: they may be under a finger
  const key = JSON.stringify([board.versions, board.pinned, board.control, [...serving].sort()]);
  if (key === versionsShown) return;
  versionsShown = key;
  empty('versions', board.versions.length === 0);
  rows('versions', board.versions.map((v, i) => {
    const state = el('span');
    if (i === 0) state.append(tag('newest', 'main'));
    if (serving.has(v.version)) state.append(tag('purifies', 'good'));
    if (board.pinned === v.version) state.append(tag('pinned', 'warn'));
    const orders = el('span');
    if (board.control) {
      const button = (order, label) => {
        const made = el('button', label, { type: 'button', 'aria-label': `${label} ${v.version}` });
        made.addEventListener('click', () => ask(order, v.version));
        orders.append(made);
      };
      if (board.pinned === v.version) button('unpin', 'Unpin'); else button('pin', 'Pin');
      button('roll-back', 'Roll back');
    }
    return [v.version, v.parent ?? '–', clock(v.time), n(count(v.updates)), n(count(v.images)), n(number(v.chain_energy)), state, orders];
  }));
  for (const row of $('versions').tBodies[0].rows) row.lastChild.className = 'orders';
  $('orders-bar').hidden = !board.control;
  $('orders-off').hidden = board.control;
}

function alarmCard(a) {
  const facts = el('dl', null, { class: 'facts' });
  const fact = (what, value, attributes) => {
    const pair = el('div', null, attributes);
    pair.append(el('dt', what), el('dd', value));
    facts.append(pair);
  };
  if (a.window_count) {
    fact('window', `${clock(a.window_start)} – ${clock(a.window_end).slice(-8)}`, { class: 'long' });
    fact('images in it', count(a.window_count));
  }
  fact('statistic', number(a.statistic));
  if (a.threshold != null) fact('threshold', number(a.threshold));
  if (a.p != null) fact('p-value', number(a.p, 2));
  fact('version', a.version);
  if (a.run_length != null) fact('a false one in', `${count(Math.round(a.run_length))} images`, { class: 'long' });
  const title = el('p', null, { class: 'title' });
  title.append(el('time', clock(a.time)), tag(a.kind.replaceAll('_', ' '), 'bad'), el('b', a.stream));
  const words = el('div');
  words.append(title, facts, el('p', a.message, { class: 'message' }));
  const card = el('li');
  card.append(words);
  if (a.examples.length) {
    const pictures = el('ul', null, { class: 'examples' });
    for (const e of a.examples) {
      const figure = el('figure');
      const energy = e.calibrated == null ? number(e.energy, 4) : number(e.calibrated);
      figure.title = `image ${e.image}, ${clock(e.time)}, U/T ${number(e.energy, 4)}${e.calibrated == null ? '' : `, calibrated ${number(e.calibrated)}`}`;
      figure.append(
        e.picture == null ? el('span', 'not at hand', { class: 'none' }) : el('img', null, { src: `api/examples/${e.picture}/input.png?t=${e.time}`, alt: `image ${e.image}` }),
        el('figcaption', energy));
      const item = el('li');
      item.append(figure);
      pictures.append(item);
    }
    card.append(pictures);
  }
  return card;
}

function alarms() {
  const all = $('alarms-all').getAttribute('aria-expanded') === 'true';
  empty('alarms', board.alarms.length === 0);
  $('alarms-say').hidden = !board.alarms.some((a) => a.examples.length);
  $('alarms-all').hidden = board.alarms.length <= ALARMS_SHOWN;
  $('alarms-all').textContent = all ? 'Newest only' : `All ${board.alarms.length}`;
  $('alarms').replaceChildren(...board.alarms.slice(0, all ? undefined : ALARMS_SHOWN).map(alarmCard));
}

function line(time, title, ...more) {
  const item = el('li');
  item.append(el('time', clock(time)), el('b', title), more.filter(Boolean).join(' · '));
  return item;
}

function lists(view) {
  if (view.orders) {
    empty('orders', board.orders.length === 0);
    $('orders').replaceChildren(...board.orders.map((o) => {
      const item = line(o.time, o.order || o.answer, o.order ? o.answer || 'waiting for the answer, which comes with a checkpoint' : '', o.version && `version ${o.version}`, o.message, o.reason && `reason: ${o.reason}`);
      return item;
    }));
  }
  if (view.alarms) alarms();
  if (view.dead_letters) {
    $('f-dead').textContent = count(view.dead_letters.count);
    empty('letters', view.dead_letters.last.length === 0);
    $('letters').replaceChildren(...view.dead_letters.last.map((d) => line(d.time, d.stage, d.message)));
  }
  if (view.topics) {
    rows('topics', view.topics.map((t) => {
      const name = el('span', t.name);
      name.title = t.role;
      if (!t.there) name.append(' ', tag('missing', 'warn'));
      if (t.unreadable) name.append(' ', tag(`${count(t.unreadable)} unreadable`, 'bad'));
      return [name, n(count(t.records)), t.last ? ago(t.last) : '–'];
    }));
  }
}

function show(view) {
  $('model').textContent = board.model === 'default' ? '' : board.model;
  document.title = `${board.alarms.some((a) => ringing(a) && !board.seen.has(alarmKey(a))) ? '⚠ ' : ''}ebm-stream ${board.model}`;
  $('problem').hidden = !view.problem;
  $('problem').textContent = view.problem;
  $('footer').textContent = `Charts go back ${Math.round(board.history / 60)} minutes, a point is ${seconds(view.bucket_millis / 1000)}. Times are this device's.`;
  figures();
  streams(view);
  learners();
  drawFlow();
  chains();
  if (view.pairs) pairs(view.pairs);
  versions();
  lists(view);
}

// ---- orders -------------------------------------------------------------------------------------------------------

const ORDERS = {
  pin: (v) => [`Pin version ${v}?`, `Images are purified with ${v}, whatever is published, until it is unpinned.`],
  unpin: () => ['Unpin?', 'Images are purified with the newest version again.'],
  'roll-back': (v) => [`Roll back to ${v}?`, `The weights become those of ${v} and are published at once in a new epoch; learning goes on from there.`],
  publish: () => ['Promote the weights of now?', 'They are published as a version at once, if they pass the gate, and purify from then on.'],
  pause: () => ['Pause learning?', 'No more updates until it is resumed; images are still taken in and purified.'],
  resume: () => ['Resume learning?', 'It ends a pause or a freeze.'],
};
let asked = null;

function token(value) {
  // kept for this tab only
  if (value !== undefined) sessionStorage.setItem('token', value);
  return sessionStorage.getItem('token') ?? '';
}

function ask(order, value) {
  asked = { order, value };
  const [title, text] = ORDERS[order](value);
  $('ask-title').textContent = title;
  $('ask-text').textContent = text;
  $('ask-reason').value = '';
  $('ask-token').value = token();
  $('ask-error').hidden = true;
  $('ask').showModal();
}

async function give(event) {
  event.preventDefault();
  $('ask-yes').disabled = true;
  let problem = '';
  try {
    const answer = await fetch('api/orders', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${$('ask-token').value}` },
      body: JSON.stringify({ ...asked, reason: $('ask-reason').value }),
    });
    if (answer.ok) token($('ask-token').value);
    else problem = (await answer.json().catch(() => ({}))).message ?? `the board answered ${answer.status}`;
  } catch {
    problem = 'the board does not answer';
  }
  $('ask-yes').disabled = false;
  $('ask-error').hidden = !problem;
  $('ask-error').textContent = problem;
  if (!problem) $('ask').close();
}

// ---- beginning ----------------------------------------------------------------------------------------------------

function choose(column) {
  board.energyColumn = column;
  $('show-u').setAttribute('aria-pressed', column === 2);
  $('show-c').setAttribute('aria-pressed', column === 6);
  $('show-z').setAttribute('aria-pressed', column === 4);
  if (board.streams.size) drawEnergies();
}

function link(state, text) {
  $('link').dataset.state = state;
  $('link').textContent = text;
}

function connect() {
  // the browser comes again by itself after a broken connection, and is told everything then
  const events = new EventSource('api/changes');
  events.addEventListener('open', () => link('live', 'live'));
  events.addEventListener('state', (e) => take(JSON.parse(e.data), true));
  events.addEventListener('change', (e) => take(JSON.parse(e.data), false));
  events.addEventListener('error', () => {
    link('lost', 'not connected, trying again');
    // after an answer that is no stream it would not
    if (events.readyState === EventSource.CLOSED) { events.close(); setTimeout(connect, 3000); }
  });
}

const given = new URLSearchParams(location.hash.slice(1)).get('token');
if (given) {
  token(given);
  history.replaceState(null, '', location.pathname);
}
$('show-u').addEventListener('click', () => choose(2));
$('show-c').addEventListener('click', () => choose(6));
$('show-z').addEventListener('click', () => choose(4));
$('alarm-seen').addEventListener('click', () => {
  for (const a of board.alarms) board.seen.add(alarmKey(a));
  figures();
});
$('alarms-all').addEventListener('click', () => {
  $('alarms-all').setAttribute('aria-expanded', $('alarms-all').getAttribute('aria-expanded') !== 'true');
  alarms();
});
$('ask-form').addEventListener('submit', give);
$('ask-no').addEventListener('click', () => $('ask').close());
for (const button of document.querySelectorAll('#orders-bar button')) button.addEventListener('click', () => ask(button.dataset.order));
new ResizeObserver(() => {
  for (const [id, made] of charts) if ($(id).clientWidth) made.setSize({ width: $(id).clientWidth, height: 176 });
}).observe(document.querySelector('main'));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { for (const made of charts.values()) made.redraw(); });
connect();
