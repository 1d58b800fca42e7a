// How the hours went: a curve, and its intervals as a table.

import { by, clock, el, keyed, many, say, share } from "../shared/dom.js";
import { ask, site } from "../shared/site.js";

const AGAIN_MS = 30_000;
const HIGH = 260;
const SPANS = [
  ["8 hours", 15, 480],
  ["24 hours", 30, 1_440],
  ["7 days", 240, 10_080],
]; // name, minutes of an interval, minutes in all
const ALL = "all queues";
const PLOT = new URL("../vendor/uplot/", import.meta.url).href;

let made = null;

export function showDay() {
  const section = by("day");
  section.hidden = site.isTv || !site.may("measures");
  if (section.hidden || section.childElementCount) return;
  made = build();
  const details = el("details", {}, el("summary", {}, "Intervals: how the hours went"), made.node);
  details.addEventListener("toggle", () => details.open && made.load());
  setInterval(() => details.open && !document.hidden && made.load(), AGAIN_MS);
  new MutationObserver(() => details.open && made.draw()).observe(document.documentElement, { attributes: true });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => details.open && made.draw());
  new ResizeObserver(() => details.open && made.resize()).observe(section);
  section.append(details);
}

/** The library is loaded when somebody looks: the page is drawn without it. */
let plotting = null;
function plotter() {
  plotting ??= new Promise((resolve, reject) => {
    document.head.append(
      el("link", { rel: "stylesheet", href: `${PLOT}uPlot.min.css` }),
      el("script", { src: `${PLOT}uPlot.iife.min.js`, onload: () => resolve(window.uPlot), onerror: reject }),
    );
  });
  return plotting;
}

const keyOf = (row) => `${row.queue}, ${row.channel}`;

/** The intervals of a span, the oldest first; without contacts all counts are 0. */
function intervals(rows, wanted, [, minutes, since]) {
  const step = minutes * 60;
  const last = Math.floor(site.nowUs() / 1e6 / step) * step;
  const found = new Map();
  for (let starts = last - (Math.ceil((since * 60) / step) - 1) * step; starts <= last; starts += step) {
    found.set(starts, { starts, rows: [] });
  }
  for (const row of rows) if (wanted === ALL || keyOf(row) === wanted) found.get(row.starts_us / 1e6)?.rows.push(row);
  return [...found.values()].map(({ starts, rows: of }) => {
    const sum = (value) => of.reduce((total, row) => total + value(row), 0);
    const mean = (value, weight) => {
      const told = of.filter((row) => value(row) !== null);
      const all = told.reduce((total, row) => total + weight(row), 0);
      return all ? told.reduce((total, row) => total + value(row) * weight(row), 0) / all : null;
    };
    const left = (row) => row.answered + row.abandoned;
    return {
      starts,
      queued: sum((row) => row.queued),
      answered: sum((row) => row.answered),
      abandoned: sum((row) => row.abandoned),
      level: mean((row) => row.service_level, left),
      speed: mean(
        (row) => row.answer_speed_s,
        (row) => row.answered,
      ),
      handle: mean(
        (row) => row.handle_s,
        (row) => row.completed,
      ),
    };
  });
}

function build() {
  const [queue, span] = [el("select"), el("select")];
  span.append(...SPANS.map(([name], place) => el("option", { value: place }, name)));
  const [told, curve] = [el("p", { class: "hint", role: "status" }, "Asking"), el("div", { class: "curve" })];
  const heads = ["From", "Arrivals", "Answered", "Abandoned", "Service level", "Speed of answer", "Handle time"];
  const head = el("tr", {}, ...heads.map((name, place) => el("th", { scope: "col", class: place ? "n" : "" }, name)));
  const body = el("tbody");
  const table = el(
    "table",
    {},
    el("caption", {}, "The newest first, which is not over yet"),
    el("thead", {}, head),
    body,
  );
  let [rows, plot, plotted] = [[], null, ""];

  const now = () => intervals(rows, queue.value || ALL, SPANS[span.value]);
  const load = async () => {
    try {
      const [, minutes, since] = SPANS[span.value];
      rows = (await ask(`/v1/measures?interval_min=${minutes}&since_min=${since}`)).items;
      const names = [ALL, ...new Set(rows.map(keyOf))].sort((one, other) => (one === ALL ? -1 : one < other ? -1 : 1));
      const chosen = names.includes(queue.value) ? queue.value : ALL;
      if (String(names) !== String([...queue.options].map((one) => one.value))) {
        queue.replaceChildren(...names.map((name) => el("option", { value: name, selected: name === chosen }, name)));
      }
      told.hidden = true;
      await draw();
    } catch (problem) {
      told.hidden = false;
      say(told, problem.message ?? "the curve cannot be drawn");
    }
  };
  const draw = async () => {
    const found = now();
    fill(body, found);
    const uPlot = await plotter();
    const columns = ["starts", "queued", "answered", "abandoned", "level"].map((name) => found.map((one) => one[name]));
    const colours = ["--main", "--good", "--bad", "--near", "--soft", "--line"].map((name) => colourOf(curve, name));
    const drawn = String([colours, curve.clientWidth]);
    if (plot && drawn === plotted) return plot.setData(columns);
    plotted = drawn;
    plot?.destroy();
    plot = new uPlot(options(colours, curve.clientWidth), columns, curve);
    plot.root.setAttribute("role", "img");
    plot.root.setAttribute("aria-label", "Arrivals, answered, abandoned and service level, as in the table below");
  };
  const resize = () => plot && plot.width !== curve.clientWidth && draw();
  queue.addEventListener("change", draw);
  span.addEventListener("change", load);
  const choices = el("div", { class: "actions" }, el("label", {}, "Queue ", queue), el("label", {}, "Over ", span));
  return {
    node: el(
      "div",
      { class: "day" },
      choices,
      told,
      curve,
      el("div", { class: "wide", tabindex: 0, role: "group", "aria-label": "Intervals" }, table),
    ),
    load,
    draw,
    resize,
  };
}

/** A colour of the page as a canvas takes it: of the theme that is in force. */
function colourOf(node, name) {
  node.style.color = `var(${name})`;
  const colour = getComputedStyle(node).color;
  node.style.color = "";
  return colour;
}

function fill(body, found) {
  const make = (first) => {
    const cells = Array.from({ length: 6 }, () => el("td", { class: "n" }));
    const at = new Date(first.starts * 1_000);
    const day =
      at.toDateString() === new Date().toDateString()
        ? ""
        : `${at.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short" })}, `;
    const name = `${day}${at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}`;
    const update = (one) => {
      const texts = [many(one.queued), many(one.answered), many(one.abandoned), share(one.level)];
      for (const seconds of [one.speed, one.handle]) texts.push(seconds === null ? "–" : clock(seconds));
      texts.forEach((text, place) => say(cells[place], text));
    };
    return { nodes: [el("tr", {}, el("th", { scope: "row" }, name), ...cells)], update };
  };
  keyed(body, [...found].reverse(), (one) => one.starts, make);
}

function options([arrivals, answered, abandoned, level, text, line], width) {
  const axis = { stroke: text, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
  const times = "{HH}:{mm}";
  return {
    width,
    height: HIGH,
    legend: { live: true },
    scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] }, "%": { range: [0, 100] } },
    axes: [
      {
        ...axis,
        values: [
          [86_400, "{DD}.{MM}.", null, null, null, null, null, null, 1],
          [60, times, "\n{DD}.{MM}.", null, null, null, null, null, 1],
        ],
      },
      { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000] },
      {
        ...axis,
        scale: "%",
        side: 1,
        size: 52,
        grid: { show: false },
        values: (_, marks) => marks.map((one) => `${one} %`),
      },
    ],
    series: [
      { label: "From", value: "{DD}.{MM}. {HH}:{mm}" },
      {
        label: "Arrivals",
        stroke: arrivals,
        width: 2,
        points: { show: false },
        fill: `color-mix(in srgb, ${arrivals} 15%, transparent)`,
      },
      { label: "Answered", stroke: answered, width: 2, points: { show: false } },
      { label: "Abandoned", stroke: abandoned, width: 2, dash: [2, 3], points: { show: false } },
      {
        label: "Service level",
        stroke: level,
        width: 2,
        dash: [8, 4],
        scale: "%",
        value: (_, one) => share(one ?? null),
      },
    ],
  };
}
