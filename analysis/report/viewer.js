// The runner at a chosen dose in three dimensions, from the numbers of certified motions alone.
"use strict";
(() => {
  // On paper nothing is folded away.
  window.addEventListener("beforeprint", () =>
    document.querySelectorAll("details").forEach((one) => (one.open = true)));
  const data = JSON.parse(document.getElementById("motions").textContent);
  const canvas = document.getElementById("runner");
  if (!canvas) return;
  const at = (id) => document.getElementById(id);
  const gl = capsules.renderer(canvas);
  if (!gl) {
    at("told").textContent = "This browser has no WebGL 2, which the viewer needs; the film below shows the same runs.";
    return;
  }
  const BW = 0.35, HIP = 0.05, BONE = [0.90, 0.86, 0.76], GREEN = [0, 0.62, 0.45], PURPLE = [0.48, 0.2, 0.58];
  const VIEWS = {
    side: [0, 0.06, 3.6, null], front: [Math.PI / 2, 0.06, 3.6, null], top: [0, 1.5, 3.6, null],
    angle: [0.6, 0.18, 3.6, null], hip: [0.5, 0.12, 1.15, "hip"],
  };
  const RAMPS = {
    activation: [[0.62, 0.71, 0.80], [0.93, 0.68, 0.36], [0.76, 0.13, 0.13], [0.42, 0.02, 0.08]],
    difference: [[0.0, 0.28, 0.55], [0.34, 0.66, 0.88], [0.80, 0.80, 0.80], [0.93, 0.60, 0.20], [0.72, 0.25, 0.0]],
    apart: [BONE, [0.80, 0.47, 0.65], [0.45, 0.05, 0.40]],
  };
  const eye = { azimuth: 0.6, elevation: 0.18, distance: 3.6, target: [0, 0.9, 0], follow: null };
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  let playing = false, phase = 0, last = null, dirty = true, quality = 1, slow = 0, shown = null;
  let size = null;  // of the canvas on the page; asked for once: asking makes the browser lay the page out

  const chosen = () => data.series[at("series").value];
  const dose = () => chosen().doses[at("dose").value];
  const other = () => (at("compare").value === "" ? null : chosen().doses[at("compare").value]);
  const words = (one) => `${one.dose} %`;

  function ramp(name, share) {
    const stops = RAMPS[name], place = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
    const k = Math.min(Math.floor(place), stops.length - 2), s = place - k;
    return stops[k].map((v, i) => v + s * (stops[k + 1][i] - v));
  }

  // Segments of one frame, collected; the arrays are kept and grow when they must.
  const bins = {};
  function bin(name, settings) {
    const one = (bins[name] ||= { segments: new Float32Array(capsules.SIZE * 600) });
    return Object.assign(one, { count: 0, alpha: 1, shadow: false, mesh: capsules.TUBE }, settings);
  }
  function segment(part, a, i, b, j, ra, rb, colour) {
    if (capsules.SIZE * (part.count + 1) > part.segments.length) {
      const larger = new Float32Array(2 * part.segments.length);
      larger.set(part.segments);
      part.segments = larger;
    }
    const to = part.segments;
    const k = capsules.SIZE * part.count++;
    for (let n = 0; n < 3; n++) {
      to[k + n] = a[i + n];
      to[k + 4 + n] = b[j + n];
      to[k + 8 + n] = colour[n];
    }
    to[k + 3] = ra;
    to[k + 7] = rb;
  }
  function arrow(part, from, way, radius, colour) {
    const size = Math.hypot(...way);
    if (size < 1e-3) return;
    const tip = from.map((v, i) => v + way[i]), head = Math.min(6 * radius, 0.5 * size);
    const neck = tip.map((v, i) => v - (way[i] / size) * head);
    segment(part, from, 0, neck, 0, radius, radius, colour);
    segment(part, neck, 0, tip, 0, 2.4 * radius, 0.001, colour);
  }
  // thin: chains of this part's thin bones (ribs) go there.
  function skeleton(part, one, colours, thin, wide = 1) {
    let row = 0;
    for (const bone of one.open.bones) {
      const into = thin && bone.radii[0] < 0.0075 ? thin : part;
      bone.points.forEach((_, k) => {
        if (k > 0) segment(into, one.bones, 3 * (row - 1), one.bones, 3 * row,
          wide * bone.radii[k - 1], wide * bone.radii[k], colours(row));
        row++;
      });
    }
  }
  const gone = [], from = [0, 0, 0], to = [0, 0, 0];  // kept from picture to picture
  function muscles(part, one, colours) {
    const all = one.muscles;
    let row = 0;
    one.open.counts.forEach((count, m) => {
      const belly = Math.min(0.016, Math.max(0.004, 0.00026 * Math.sqrt(one.open.strength[m]))), colour = colours(m);
      gone[0] = 0;
      for (let k = 1; k < count; k++) {
        const i = 3 * (row + k);
        gone[k] = gone[k - 1] + Math.hypot(all[i] - all[i - 3], all[i + 1] - all[i - 2], all[i + 2] - all[i - 1]);
      }
      const whole = gone[count - 1] || 1, thick = (s) => belly * (0.35 + 0.65 * Math.sin((Math.PI * s) / whole));
      let wide = thick(0);
      // A straight piece is cut in three, so that it has a belly.
      for (let k = 1; k < count; k++) {
        const pieces = gone[k] - gone[k - 1] > 0.3 * gone[count - 1] ? 3 : 1, i = 3 * (row + k - 1);
        for (let p = 1; p <= pieces; p++) {
          for (let n = 0; n < 3; n++) {
            const step = (all[i + 3 + n] - all[i + n]) / pieces;
            from[n] = all[i + n] + (p - 1) * step;
            to[n] = all[i + n] + p * step;
          }
          const next = thick(gone[k - 1] + (p / pieces) * (gone[k] - gone[k - 1]));
          segment(part, from, 0, to, 0, wide, next, colour);
          wide = next;
        }
      }
      row += count;
    });
  }
  // The socket as a basket: rim and meridians around the dome, in the pelvis.
  function cup(part, one, side) {
    const s = data.cup.dome[side], dome = one.pelvis(s), radius = data.cup.radius;
    const across = capsules.unit([dome[1], -dome[0], 0]);
    const third = [dome[1] * across[2] - dome[2] * across[1], dome[2] * across[0] - dome[0] * across[2],
      dome[0] * across[1] - dome[1] * across[0]];
    const open = (data.cup.half_opening * Math.PI) / 180;
    const point = (turn, angle) => one.hip[side].map((v, i) => v + radius * (Math.cos(angle) * dome[i] +
      Math.sin(angle) * (Math.cos(turn) * across[i] + Math.sin(turn) * third[i])));
    const grey = [0.35, 0.35, 0.38];
    for (let k = 0; k < 20; k++) {
      segment(part, point((k * Math.PI) / 10, open), 0, point(((k + 1) * Math.PI) / 10, open), 0, 0.0022, 0.0022, grey);
    }
    for (let k = 0; k < 6; k++) for (let j = 0; j < 5; j++) {
      segment(part, point((k * Math.PI) / 3, (open * j) / 5), 0, point((k * Math.PI) / 3, (open * (j + 1)) / 5), 0, 0.0011, 0.0011, grey);
    }
  }

  function scales() {
    const name = at("colour").value, base = other() || chosen().doses.find((one) => one.dose === 100);
    if (name === "activation" || !base || base === dose()) return { name: "activation" };
    const key = `${at("series").value},${at("dose").value},${base.dose}`;
    if (shown && shown.key === key) return shown;
    let most = 0, far = 0;
    for (let p = 0; p < 100; p += 4) {
      const [a, b] = [poses.pose(dose(), p), poses.pose(base, p)];
      if (a.activation.length !== b.activation.length || a.bones.length !== b.bones.length) continue;
      a.activation.forEach((v, i) => { most = Math.max(most, Math.abs(v - b.activation[i])); });
      poses.apart(a, b).forEach((v) => { far = Math.max(far, v); });
    }
    shown = { key, name: "difference", base, most: curves.ceiling(most), far: curves.ceiling(1e3 * far) };
    return shown;
  }

  function draw() {
    const one = dose(), ghost = other(), scale = scales(), times = ghost && ghost !== one ? +at("exaggerate").value : 1;
    const real = poses.pose(one, phase), behind = ghost && ghost !== one ? poses.pose(ghost, phase) : null;
    const body = poses.exaggerated(real, behind, times);
    const light = playing && gl.software, parts = [], shadow = bin("shadow", { shadow: true, mesh: capsules.THIN });
    skeleton(shadow, body, () => [0.86, 0.86, 0.86]);
    parts.push(shadow);
    const base = scale.base ? poses.pose(scale.base, phase) : null;
    const same = base && base.activation.length === real.activation.length && base.bones.length === real.bones.length;
    const off = same ? poses.apart(real, base) : null;
    const bones = bin("bones", { mesh: light ? capsules.ROUND : capsules.FINE }), thin = bin("thin", { mesh: capsules.THIN });
    skeleton(bones, body, (row) => (off ? ramp("apart", (1e3 * off[row]) / scale.far) : BONE), thin);
    cup(thin, body, 0);
    cup(thin, body, 1);
    for (const side of [0, 1]) {
      arrow(bones, body.hip[side], body.pelvis(body.hipForce[side]).map((v) => v * HIP), 0.008, PURPLE);
      if (body.ground[side][1] > 0) arrow(bones, body.foot[side], body.ground[side].map((v) => v * BW), 0.013, GREEN);
    }
    parts.push(bones, thin);
    if (at("muscles").checked) {
      const flesh = bin("muscles", { mesh: light ? capsules.THIN : capsules.TUBE });
      muscles(flesh, body, (m) => (same ? ramp("difference", 0.5 + (real.activation[m] - base.activation[m]) / (2 * scale.most))
        : ramp("activation", real.activation[m])));
      parts.push(flesh);
    }
    if (behind) {
      const faint = bin("ghost", { alpha: 0.45, mesh: light ? capsules.THIN : capsules.TUBE });
      const tint = [1, 3, 5].map((i) => parseInt(ghost.colour.slice(i, i + 2), 16) / 255);
      skeleton(faint, behind, () => tint, null, 0.85);
      parts.push(faint);
    }
    if (eye.follow) eye.target = body.hip[0];
    const sharp = (playing ? quality : 1) * Math.min(window.devicePixelRatio || 1, 2);
    size ||= [canvas.clientWidth, canvas.clientHeight];
    const [wide, high] = size.map((v) => Math.max(1, Math.round(v * sharp)));
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
    const view = capsules.camera(eye, wide / high);
    gl.draw(parts, view, (one.scene.speed * one.scene.stride_time * phase) / 100);
    board.move(phase);
    at("phase").value = Math.round(phase);
    if (!playing) tell(real, behind, ghost);
    Object.assign(canvas.dataset, { dose: one.dose, drawn: 1 + Number(canvas.dataset.drawn || 0) });
    dirty = false;
    return { view, body };
  }

  function tell(one, behind, ghost) {
    const size = (v) => Math.hypot(...v).toFixed(1);
    let text = `${words(dose())} strength, ${Math.round(phase)} % of the stride (${dose().scene.stride_time.toFixed(2)} s): ` +
      `right hip force ${size(one.hipForce[0])} body weights, ground force right ${size(one.ground[0])}, left ${size(one.ground[1])}.`;
    if (behind && behind.bones.length === one.bones.length) {
      const far = 1e3 * Math.max(...poses.apart(one, behind));
      text += ` Bones are up to ${far < 99.5 ? far.toPrecision(2) : far.toFixed(0)} mm from those at ${words(ghost)}.`;
    }
    at("told").textContent = text;
  }

  function legend() {
    const scale = scales(), place = at("legend");
    const bar = (name, low, high) => {
      const stops = RAMPS[name].map((c) => `rgb(${c.map((v) => Math.round(255 * v)).join(" ")})`).join(", ");
      const box = document.createElement("span"), strip = document.createElement("i");
      strip.style.background = `linear-gradient(90deg, ${stops})`;
      box.append(low, strip, high);
      return box;
    };
    place.replaceChildren(...(scale.name === "activation"
      ? [bar("activation", "muscles: activation 0", "1")]
      : [bar("difference", `muscles: activation −${scale.most}`, `+${scale.most} against ${words(scale.base)}`),
        bar("apart", "bones: moved 0", `${scale.far} mm`)]), "purple: hip force; green: ground force; grey basket: socket");
  }

  // Curves of one dose: the muscle's activation, hip force, margin, ground force.
  function lines(one, faint) {
    const open = poses.opened(one), m = open.names.indexOf(at("muscle").value), side = at("muscle").value.endsWith("_l") ? 1 : 0;
    const every = (f) => Array.from({ length: open.frames }, (_, i) => f(i));
    const sizeOf = (name) => every((i) => Math.hypot(...[0, 1, 2].map((k) => open[name][6 * i + 3 * side + k])));
    return { colour: one.colour, faint, closes: one.closes, of: [
      m < 0 ? null : every((i) => open.activation[i * open.names.length + m]),
      sizeOf("hip_force"), one.margin[side], every((i) => open.ground_force[6 * i + 3 * side + 1])] };
  }
  const board = curves.board(at("curves"), [
    { unit: "0 to 1", digits: 2, low: 0, high: 0.1 }, { unit: "body weights", digits: 1, low: 0 },
    { unit: "degrees", digits: 0, low: 0 }, { unit: "body weights", digits: 2, low: 0 }]);
  function redraw() {
    const name = at("muscle").value, side = name.endsWith("_l") ? "left" : "right";
    const ghost = other();
    board.show([`activation of ${name}`, `hip force, ${side}`, `margin to the rim, ${side}`, `ground force up, ${side}`],
      [...(ghost && ghost !== dose() ? [lines(ghost, true)] : []), lines(dose(), false)]);
    at("dose").setAttribute("aria-valuetext", `${words(dose())} strength`);
    at("dose-told").textContent = words(dose());
    at("exaggerate-told").textContent = `× ${at("exaggerate").value}`;
    legend();
    draw();
  }

  function choose() {
    const doses = chosen().doses, normal = doses.findIndex((one) => one.dose === 100);
    at("dose").max = doses.length - 1;
    at("dose").value = normal === 0 ? doses.length - 1 : 0;
    at("dose").disabled = doses.length < 2;
    at("compare").replaceChildren(new Option("nothing", ""), ...doses.map((one, i) => new Option(words(one), i)));
    at("compare").value = normal < 0 || doses.length < 2 ? "" : normal;
    const names = doses[0].scene.muscles, kept = at("muscle").value;
    at("muscle").replaceChildren(...names.map((name) => new Option(name, name)));
    at("muscle").value = names.includes(kept) ? kept : ["psoas_r", "iliopsoas_r", names[0]].find((n) => names.includes(n));
    redraw();
  }
  function pause(on) {
    playing = !on;
    last = null;
    [quality, slow] = [1, 0];
    at("play").textContent = playing ? "pause" : "play";
    at("told").setAttribute("aria-live", playing ? "off" : "polite");
    dirty = true;
  }
  function look(name) {
    const [azimuth, elevation, distance, follow] = VIEWS[name];
    Object.assign(eye, { azimuth, elevation, distance, follow, target: [0, 0.9, 0] });
    draw();
  }
  function orbit(right, up) {
    eye.azimuth -= right;
    eye.elevation = Math.min(1.5, Math.max(-0.3, eye.elevation + up));
    dirty = true;
  }
  function zoom(factor) {
    eye.distance = Math.min(9, Math.max(0.4, eye.distance * factor));
    dirty = true;
  }
  // The muscle next to a place on the canvas is chosen for the curves.
  function pick(x, y) {
    const { view, body } = draw();
    let best = 14, found = null, row = 0;
    body.open.counts.forEach((count, m) => {
      for (let k = 0; k < count; k++, row++) {
        const [u, v] = capsules.seen(view.view, body.muscles.subarray(3 * row, 3 * row + 3));
        const away = Math.hypot(u * canvas.clientWidth - x, v * canvas.clientHeight - y);
        if (away < best) [best, found] = [away, m];
      }
    });
    if (found !== null) {
      at("muscle").value = body.open.names[found];
      redraw();
    }
  }
  function tick(now) {
    const busy = gl.busy();
    if (playing && !busy) {
      if (last !== null) {
        const gone = Math.min(now - last, 200);
        phase = (phase + (gone / 1000) * +at("pace").value * (100 / dose().scene.stride_time)) % 100;
        // A slow machine gets fewer picture points rather than fewer pictures.
        slow = 0.9 * slow + 0.1 * gone;
        if (slow > 36 && quality > 0.5) [quality, slow] = [quality * 0.85, 20];
      }
      last = now;
    }
    if ((playing || dirty) && !busy) draw();
    window.requestAnimationFrame(tick);
  }

  data.series.forEach((one, i) => at("series").add(new Option(one.label, i)));
  at("series").addEventListener("change", choose);
  for (const id of ["dose", "compare", "exaggerate", "colour", "muscle", "muscles"]) at(id).addEventListener("input", redraw);
  at("play").addEventListener("click", () => pause(playing));
  at("phase").addEventListener("input", () => { pause(true); phase = +at("phase").value; draw(); });
  document.querySelectorAll("[data-view]").forEach((one) => one.addEventListener("click", () => look(one.dataset.view)));
  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    held = { x: event.offsetX, y: event.offsetY, moved: 0 };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return;
    const [right, down] = [event.offsetX - held.x, event.offsetY - held.y];
    held = { x: event.offsetX, y: event.offsetY, moved: held.moved + Math.abs(right) + Math.abs(down) };
    orbit(right * 0.008, down * 0.008);
  });
  canvas.addEventListener("pointerup", (event) => {
    if (held && held.moved < 4) pick(event.offsetX, event.offsetY);
    held = null;
  });
  canvas.addEventListener("pointercancel", () => { held = null; });
  canvas.addEventListener("wheel", (event) => {
    if (document.activeElement !== canvas && !event.ctrlKey) return;
    event.preventDefault();
    zoom(Math.exp(event.deltaY * 0.001));
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const act = { ArrowLeft: () => orbit(-0.1, 0), ArrowRight: () => orbit(0.1, 0), ArrowUp: () => orbit(0, 0.1),
      ArrowDown: () => orbit(0, -0.1), "+": () => zoom(0.9), "=": () => zoom(0.9), "-": () => zoom(1.1),
      " ": () => pause(playing) }[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  new ResizeObserver(() => {
    size = null;
    dirty = true;
  }).observe(canvas);
  pause(still);
  choose();
  window.requestAnimationFrame(tick);
})();
