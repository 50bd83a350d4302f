// The runner at a chosen dose, drawn from the numbers of the certified motions; nothing is loaded.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("motions").textContent);
  const canvas = document.getElementById("runner");
  if (!canvas || data.series.length === 0) return;
  const ids = ["series", "dose", "phase", "play", "ghost", "told"];
  const [series, dose, phase, play, ghost, told] = ids.map((id) => document.getElementById(id));
  const pen = canvas.getContext("2d");
  const SCALE = 190, GROUND = 400, BW = 0.35, SLOW = 0.35;
  const WIDTH = { trunk: 17, leg: 12, foot: 7, arm: 8 };
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  let playing = !still, frame = 0, last = null;

  const x = (m) => canvas.width / 2 + m * SCALE;
  const y = (m) => GROUND - m * SCALE;

  function line(points, colour, width) {
    pen.beginPath();
    points.forEach(([a, b], i) => (i ? pen.lineTo(x(a), y(b)) : pen.moveTo(x(a), y(b))));
    Object.assign(pen, { strokeStyle: colour, lineWidth: width, lineCap: "round", lineJoin: "round" });
    pen.stroke();
  }

  function arrow([a, b], [u, v]) {
    if (!u && !v) return;
    const tip = [a + u * BW, b + v * BW], size = Math.hypot(u, v), head = 0.05;
    line([[a, b], tip], "#009E73", 4);
    for (const turn of [2.6, -2.6]) {
      const c = Math.cos(turn), s = Math.sin(turn);
      const back = [(u * c - v * s) / size, (u * s + v * c) / size];
      line([tip, [tip[0] + back[0] * head, tip[1] + back[1] * head]], "#009E73", 4);
    }
  }

  function body(one, at, faint) {
    pen.globalAlpha = faint ? 0.25 : 1;
    for (const [name, path] of Object.entries(one.limbs)) {
      const [part, side] = name.split("_");
      const colour = faint ? "#000000" : { r: one.colour, l: "#b8b8b8" }[side] || "#595959";
      line(path[at], colour, WIDTH[part] * (faint ? 0.4 : 1));
    }
    pen.beginPath();
    pen.arc(x(one.head[at][0]), y(one.head[at][1]), data.head_radius * SCALE, 0, 2 * Math.PI);
    pen.fillStyle = faint ? "#000000" : "#595959";
    pen.fill();
    pen.globalAlpha = 1;
    if (!faint) for (const side of Object.keys(one.force)) arrow(one.place[side][at], one.force[side][at]);
  }

  function draw() {
    const chosen = data.series[series.value], one = chosen.doses[dose.value];
    const at = Math.floor(frame) % one.head.length;
    const normal = chosen.doses.find((d) => d.dose === 100);
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    line([[-2, 0], [2, 0]], "#666666", 2);
    const gone = (one.speed * one.stride_time * at) / one.head.length;
    for (let k = -3; k <= 3; k++) {
      const tile = k * 0.5 - (gone % 0.5);
      line([[tile, -0.02], [tile, -0.06]], "#888888", 2);
    }
    if (ghost.checked && normal && normal !== one) body(normal, at, true);
    body(one, at, false);
    phase.value = at * data.step;
    const push = Object.values(one.force).map((f) => Math.hypot(...f[at])).reduce((a, b) => a + b, 0);
    told.textContent =
      `${one.dose} % strength, ${at * data.step} % of the stride (${one.stride_time.toFixed(3)} s), ` +
      `force of the ground ${push.toFixed(2)} body weights`;
    dose.setAttribute("aria-valuetext", `${one.dose} % strength`);
    canvas.dataset.dose = one.dose;
  }

  function choose() {
    const doses = data.series[series.value].doses;
    dose.max = doses.length - 1;
    const normal = doses.findIndex((d) => d.dose === 100);
    dose.value = normal < 0 ? 0 : normal;
    draw();
  }

  function tick(now) {
    if (playing) {
      const one = data.series[series.value].doses[dose.value];
      if (last !== null) {
        const step = ((now - last) / 1000) * SLOW * (one.head.length / one.stride_time);
        frame = (frame + step) % one.head.length;
      }
      last = now;
      draw();
    }
    window.requestAnimationFrame(tick);
  }

  function pause(on) {
    playing = !on;
    last = null;
    play.textContent = playing ? "pause" : "play";
  }

  data.series.forEach((one, i) => series.add(new Option(one.label, i)));
  series.addEventListener("change", choose);
  dose.addEventListener("input", draw);
  ghost.addEventListener("change", draw);
  play.addEventListener("click", () => pause(playing));
  phase.addEventListener("input", () => {
    pause(true);
    frame = phase.value / data.step;
    draw();
  });
  // On paper nothing is folded away.
  window.addEventListener("beforeprint", () =>
    document.querySelectorAll("details").forEach((one) => (one.open = true)));
  pause(still);
  choose();
  window.requestAnimationFrame(tick);
})();
