"use strict";
// One script for both kinds of page: the layers of an atlas, and the units of one layer. No library, nothing is fetched.
const data = JSON.parse(document.getElementById("data").textContent);
const words = data.words, units = new Map((data.units || []).map(unit => [unit.channel, unit]));
const list = document.getElementById("tiles"), search = document.getElementById("search");
const sort = document.getElementById("sort"), view = document.getElementById("view"), count = document.getElementById("count");
let open = null, visited = "";

const links = () => [...list.querySelectorAll("li:not([hidden]) > a")];
const channelOf = link => Number(link.dataset.unit);
const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const figure = value => value === null || value === undefined ? "–" : Number(value.toPrecision(4)).toString();

function go(address) {  // the self-test stays where it is
  visited = address;
  if (!testing) location.href = address;
}

function columns() {
  const all = links();
  const next = all.findIndex(link => link.offsetTop > all[0].offsetTop);
  return next < 0 ? Math.max(1, all.length) : next;
}

function focusOn(link) {
  for (const other of list.querySelectorAll('a[tabindex="0"]')) other.tabIndex = -1;
  link.tabIndex = 0;
  link.focus();
}

function move(by) {
  const all = links();
  if (!all.length) return;
  const here = all.indexOf(document.activeElement);
  const there = here < 0 ? 0 : Math.min(Math.max(here + by, 0), all.length - 1);
  if (here < 0 || Math.abs(there - here) === Math.abs(by)) focusOn(all[there]);
}

function wanted(text) {
  const word = text.trim().toLowerCase();
  if (!word) return () => true;
  const ranges = word.split(/[\s,]+/).map(part => /^(\d+)(?:(-)(\d*))?$/.exec(part));
  if (list.dataset.kind === "units" && ranges.every(Boolean)) {
    return link => ranges.some(([, low, dash, high]) => {
      const channel = channelOf(link);
      return dash ? channel >= Number(low) && channel <= (high ? Number(high) : Infinity) : channel === Number(low);
    });
  }
  return link => link.dataset.words.toLowerCase().includes(word);
}

function filter() {
  const keep = wanted(search.value);
  for (const item of list.children) item.hidden = !keep(item.firstElementChild);
  const shown = links();
  for (const link of shown) link.tabIndex = -1;
  if (shown.length) shown[0].tabIndex = 0;
  count.textContent = say(words.shown, {count: shown.length, all: list.children.length});
}

function order() {
  const value = link => { const unit = units.get(channelOf(link)); return unit ? unit.objective : null; };
  const items = [...list.children];
  items.sort((one, other) => {
    const a = one.firstElementChild, b = other.firstElementChild;
    const x = value(a), y = value(b);
    if (sort.value === "number" || x === y) return channelOf(a) - channelOf(b);
    if (x === null || y === null) return x === null ? 1 : -1;
    return sort.value === "strong" ? y - x : x - y;
  });
  list.append(...items);
}

function row(name, value) {
  const dt = document.createElement("dt"), dd = document.createElement("dd");
  dt.textContent = name;
  dd.textContent = value;
  return [dt, dd];
}

function picture(place, file, alt) {
  place.hidden = !file;
  const image = place.matches("img") ? place : place.querySelector("img");
  if (file) { image.src = file; image.alt = alt; } else image.removeAttribute("src");
}

function show(channel) {
  const unit = units.get(channel);
  if (!unit) return;
  const name = say(words.unit, {channel: channel}) + (unit.label ? " · " + unit.label : "");
  document.getElementById("name").textContent = name;
  picture(document.getElementById("large"), unit.picture, say(words.maximised, {channel: channel}));
  picture(document.getElementById("filter"), unit.filter, say(words.filter, {channel: channel}));
  const numbers = document.getElementById("numbers");
  numbers.replaceChildren(...unit.numbers.flatMap(([label, value]) =>
    row(label, typeof value === "string" ? value : figure(value))));
  const best = document.getElementById("best");
  document.getElementById("likes").hidden = !unit.best.length;
  best.replaceChildren(...unit.best.map(entry => {
    const made = document.createElement("figure"), image = new Image(), text = document.createElement("figcaption");
    image.loading = "lazy";
    image.src = entry.file;
    image.alt = say(words.crop, {name: entry.name});
    text.textContent = figure(entry.score) + " · " + entry.name;
    made.append(image, text);
    return made;
  }));
  if (open === null) document.getElementById("page").inert = true;
  open = channel;
  view.hidden = false;
  view.scrollTop = 0;
  document.title = name + " · " + data.title;
  document.getElementById("close").focus();
}

function close() {
  if (open === null) return;
  const link = list.querySelector(`a[data-unit="${open}"]`);
  open = null;
  view.hidden = true;
  document.getElementById("page").inert = false;
  document.title = data.title;
  if (link && !link.parentElement.hidden) focusOn(link);
}

function turn(by) {
  const there = links().map(channelOf).filter(channel => units.has(channel));
  const at = there.indexOf(open) + by;
  if (at >= 0 && at < there.length) enter(there[at]);
}

function enter(channel) {
  if (testing) show(channel);
  else if (open === null) location.hash = "u" + channel;
  else { history.replaceState(null, "", "#u" + channel); show(channel); }
}

function leave() {
  if (!testing && location.hash) history.replaceState(null, "", location.pathname + location.search);
  close();
}

function route() {
  const found = /^#u(\d+)$/.exec(location.hash);
  if (found && view) show(Number(found[1])); else close();
}

function pressed(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const key = event.key, field = event.target === search || event.target === sort;
  if (open !== null) {
    const steps = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1};
    if (key === "Escape") leave();
    else if (key === "ArrowLeft" || key === "ArrowRight") turn(steps[key]);
    else return;
  } else if (field) {
    if (key === "Escape") { if (event.target === search) { search.value = ""; filter(); } move(0); }
    else if (event.target === search && (key === "ArrowDown" || key === "Enter")) move(0);
    else return;
  } else if (key === "/") { search.focus(); search.select(); }
  else if (key === "Escape") { if (data.back) go(data.back); else return; }
  else if (key === "Enter" && list.contains(event.target)) {
    if (list.dataset.kind === "units") enter(channelOf(event.target)); else go(event.target.getAttribute("href"));
  } else {
    const steps = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(), ArrowDown: columns(), Home: -Infinity, End: Infinity};
    if (!(key in steps)) return;
    if (Math.abs(steps[key]) === Infinity) { const all = links(); if (all.length) focusOn(all[key === "Home" ? 0 : all.length - 1]); }
    else move(steps[key]);
  }
  event.preventDefault();
}

// "#selftest" presses the page's own keys and writes what came of it into the page: for browsers without hands.
const testing = location.hash === "#selftest";

function selftest() {
  const seen = {};
  const press = key => (document.activeElement || document.body).dispatchEvent(
    new KeyboardEvent("keydown", {key: key, bubbles: true, cancelable: true}));
  const here = () => document.activeElement.dataset ? document.activeElement.dataset.unit || document.activeElement.id : "";
  press("ArrowRight"); seen.first = here();
  press("ArrowRight"); seen.right = here();
  press("ArrowDown"); seen.down = here();
  press("ArrowUp"); seen.up = here();
  press("End"); seen.end = here();
  press("Home"); seen.home = here();
  seen.columns = columns();
  press("/"); seen.search = here();
  search.value = list.dataset.kind === "units" ? "1" : list.querySelector("a").dataset.words.slice(0, 6);
  search.dispatchEvent(new Event("input"));
  seen.found = links().length;
  press("Enter"); seen.back_in_tiles = here();
  press("/"); press("Escape"); seen.all = links().length;
  press("Home"); press("Enter");
  seen.opened = view ? document.getElementById("name").textContent : visited;
  if (view) {
    seen.open = !view.hidden;
    seen.large = document.getElementById("large").getAttribute("src");
    seen.numbers = document.getElementById("numbers").children.length / 2;
    press("ArrowRight"); seen.next = document.getElementById("name").textContent;
    press("ArrowLeft"); press("Escape");
    seen.closed = view.hidden; seen.focus = here();
    sort.value = "strong"; sort.dispatchEvent(new Event("change"));
    seen.strongest = links().map(channelOf)[0];
    press("Escape"); seen.back = visited;
  }
  const images = [...document.images].filter(image => image.getAttribute("src"));
  Promise.allSettled(images.map(image => { image.loading = "eager"; return image.decode(); })).then(results => {
    seen.images = results.length;
    seen.broken = results.filter(result => result.status === "rejected").length;
    const told = document.createElement("pre");
    told.id = "outcome";
    told.textContent = JSON.stringify(seen);
    document.body.append(told);
  });
}

document.addEventListener("keydown", pressed);
search.addEventListener("input", filter);
if (sort) sort.addEventListener("change", () => { order(); filter(); });
if (view) {
  document.getElementById("close").addEventListener("click", leave);
  document.getElementById("before").addEventListener("click", () => turn(-1));
  document.getElementById("after").addEventListener("click", () => turn(1));
  window.addEventListener("hashchange", route);
}
filter();
if (testing) window.addEventListener("load", selftest);
else if (view) route();
