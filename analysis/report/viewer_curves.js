// Curves beside the runner, with a cursor that follows: drawn once for a choice, then only moved.
"use strict";
const curves = (() => {
  const NS = "http://www.w3.org/2000/svg", W = 320, H = 112, LEFT = 36, RIGHT = 6, TOP = 8, LOW = 20;

  function node(name, attributes, parent, text) {
    const made = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    parent.append(made);
    return made;
  }

  // A round number not below a value.
  function ceiling(value) {
    const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
    return [1, 2, 2.5, 5, 10].map((k) => k * power).find((k) => k >= value * 0.999);
  }

  const x = (percent) => LEFT + (percent / 100) * (W - LEFT - RIGHT);

  // panels: [{id, title, unit, digits, low}]; gives show(lines) and move(percent).
  function board(place, panels) {
    const made = panels.map((panel) => {
      const box = document.createElement("figure");
      const head = document.createElement("figcaption"), name = document.createElement("span");
      const value = document.createElement("output");
      head.append(name, " ", value);
      const svg = document.createElementNS(NS, "svg");
      svg.setAttribute("viewBox", `0 0 ${W} ${H}`);
      svg.setAttribute("role", "img");
      box.append(head, svg);
      place.append(box);
      return { ...panel, name, value, svg };
    });

    function show(titles, lines) {
      made.forEach((panel, k) => {
        const own = lines.map((line) => ({ ...line, values: line.of[k] })).filter((line) => line.values);
        const all = own.flatMap((line) => line.values.filter(Number.isFinite));
        const low = Math.min(panel.low, ...all) < panel.low ? -ceiling(-Math.min(...all)) : panel.low;
        const high = Math.max(low + 1e-6, panel.high || 0, ceiling(Math.max(...all, 1e-6)));
        const y = (v) => TOP + ((high - v) / (high - low)) * (H - TOP - LOW);
        panel.svg.replaceChildren();
        panel.name.textContent = `${titles[k]} (${panel.unit})`;
        const range = `${Math.min(...all).toPrecision(2)} to ${Math.max(...all).toPrecision(2)}`;
        panel.svg.setAttribute("aria-label", `${titles[k]} over the stride, ${range} ${panel.unit}`);
        for (const v of [low, 0.5 * (low + high), high]) {
          node("line", { x1: LEFT, x2: W - RIGHT, y1: y(v), y2: y(v), class: "grid" }, panel.svg);
          node("text", { x: LEFT - 4, y: y(v) + 3.5, class: "tick end" }, panel.svg, +v.toPrecision(2));
        }
        for (const p of [0, 25, 50, 75, 100]) {
          node("text", { x: x(p), y: H - 6, class: p === 100 ? "tick end" : "tick mid" }, panel.svg, p);
        }
        for (const line of own) {
          const step = 100 / line.values.length;
          const d = [...line.values, line.closes ? line.values[0] : NaN].map((v, i) => (Number.isFinite(v)
            ? `${x(i * step).toFixed(1)},${y(v).toFixed(1)}` : "")).filter(Boolean).join("L");
          node("path", { d: `M${d}`, class: line.faint ? "curve faint" : "curve",
            style: `stroke:${line.colour}` }, panel.svg);
        }
        panel.cursor = node("line", { x1: 0, x2: 0, y1: TOP, y2: H - LOW, class: "cursor" }, panel.svg);
        panel.main = own.find((line) => !line.faint);
      });
    }

    function move(percent) {
      for (const panel of made) {
        if (!panel.main) continue;
        panel.cursor.setAttribute("transform", `translate(${x(percent).toFixed(1)} 0)`);
        const values = panel.main.values;
        const v = values[Math.round((percent / 100) * values.length) % values.length];
        panel.value.textContent = Number.isFinite(v) ? v.toFixed(panel.digits) : "–";
      }
    }
    return { show, move };
  }
  return { board, ceiling };
})();
