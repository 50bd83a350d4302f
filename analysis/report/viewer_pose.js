// From a scene (analysis/replayed/scene.py) to points at a phase of the stride; no drawing here.
"use strict";
const poses = (() => {
  const FIELDS = ["translation", "rotation", "paths", "activation", "tendon_force", "hip_force",
    "hip_centre", "ground_force", "ground_place"];

  function numbers(text, step) {
    const raw = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const whole = new DataView(raw.buffer), found = new Float32Array(raw.length / 2);
    for (let i = 0; i < found.length; i++) found[i] = whole.getInt16(2 * i, true) * step;
    return found;
  }

  // A scene's arrays, made of its text when it is first shown.
  function opened(dose) {
    if (dose.open) return dose.open;
    const scene = dose.scene, made = { frames: Math.round(100 / scene.step_percent), names: scene.muscles };
    for (const name of FIELDS) made[name] = numbers(scene[name], scene.units[name]);
    made.bones = scene.bones.map((bone) => ({ body: scene.bodies.indexOf(bone.body),
      points: bone.points, radii: bone.radii }));
    made.joints = made.bones.reduce((sum, bone) => sum + bone.points.length, 0);
    made.pelvis = scene.bodies.indexOf("pelvis");
    made.bodies = scene.bodies.length;
    made.counts = scene.counts;
    made.strength = scene.strength;
    made.points = scene.counts.reduce((sum, count) => sum + count, 0);
    dose.open = made;
    return made;
  }

  // Values of an array with so many numbers a frame, between two frames at a phase (per cent).
  function at(open, name, width, percent) {
    const place = (percent / 100) * open.frames, first = Math.floor(place) % open.frames;
    const second = (first + 1) % open.frames, share = place - Math.floor(place);
    const all = open[name], found = new Float32Array(width);
    for (let i = 0; i < width; i++) {
      const a = all[first * width + i];
      found[i] = a + share * (all[second * width + i] - a);
    }
    return found;
  }

  function turned(q, k, p) {
    let [w, x, y, z] = [q[k], q[k + 1], q[k + 2], q[k + 3]];
    const size = Math.hypot(w, x, y, z) || 1;
    w /= size; x /= size; y /= size; z /= size;
    const a = 2 * (y * p[2] - z * p[1]), b = 2 * (z * p[0] - x * p[2]), c = 2 * (x * p[1] - y * p[0]);
    return [p[0] + w * a + y * c - z * b, p[1] + w * b + z * a - x * c, p[2] + w * c + x * b - y * a];
  }

  // Everything of a dose at a phase; points in ground, m.
  function pose(dose, percent) {
    const open = opened(dose);
    const places = at(open, "translation", 3 * open.bodies, percent);
    const turns = at(open, "rotation", 4 * open.bodies, percent);
    const bones = new Float32Array(3 * open.joints);
    let row = 0;
    for (const bone of open.bones) for (const point of bone.points) {
      const p = turned(turns, 4 * bone.body, point);
      for (let i = 0; i < 3; i++) bones[row++] = p[i] + places[3 * bone.body + i];
    }
    const pelvis = (p) => turned(turns, 4 * open.pelvis, p);
    const sides = (name) => {
      const flat = at(open, name, 6, percent);
      return [Array.from(flat.slice(0, 3)), Array.from(flat.slice(3))];
    };
    return { open, bones, pelvis, muscles: at(open, "paths", 3 * open.points, percent),
      activation: at(open, "activation", open.names.length, percent),
      hipForce: sides("hip_force"), hip: sides("hip_centre"),
      ground: sides("ground_force"), foot: sides("ground_place") };
  }

  // What differs from another pose, made so many times as large.
  function exaggerated(one, other, times) {
    if (!other || times === 1 || one.bones.length !== other.bones.length ||
        one.muscles.length !== other.muscles.length) return one;
    const mix = (a, b) => a.map((v, i) => b[i] + times * (v - b[i]));
    return { ...one, bones: mix(one.bones, other.bones), muscles: mix(one.muscles, other.muscles),
      hip: one.hip.map((p, i) => mix(p, other.hip[i])),
      foot: one.foot.map((p, i) => (one.ground[i][1] && other.ground[i][1] ? mix(p, other.foot[i]) : p)) };
  }

  // How far each point of the bones is from where it is in another pose, m.
  function apart(one, other) {
    const found = new Float32Array(one.bones.length / 3);
    for (let i = 0; i < found.length; i++) {
      found[i] = Math.hypot(one.bones[3 * i] - other.bones[3 * i],
        one.bones[3 * i + 1] - other.bones[3 * i + 1], one.bones[3 * i + 2] - other.bones[3 * i + 2]);
    }
    return found;
  }

  return { opened, pose, exaggerated, apart };
})();
