// Round segments (tapered capsules) in WebGL 2: bones, muscles and arrows are chains of them.
// Frame: x forward, y up, z right; m. One segment: 12 numbers, a (3), its radius, b (3), its radius, colour (3), 0.
// All segments of a picture are one texture and each part is one call: a software renderer draws instances one by one.
"use strict";
const capsules = (() => {
  const SIZE = 12, ROW = 256;  // segments in a row of the texture
  const VERTEX = `#version 300 es
    layout(location=0) in vec4 corner; layout(location=1) in float which;
    uniform highp sampler2D segments; uniform int first;
    uniform mat4 view; uniform bool shadow;
    out vec3 normal; out vec3 place; out vec3 tint;
    void main() {
      int k = first + int(which);
      ivec2 at = ivec2(3 * (k % ${ROW}), k / ${ROW});
      vec4 p = texelFetch(segments, at, 0), q = texelFetch(segments, at + ivec2(1, 0), 0);
      vec3 a = p.xyz, b = q.xyz, colour = texelFetch(segments, at + ivec2(2, 0), 0).rgb;
      vec2 radii = vec2(p.w, q.w);
      vec3 w = b - a; float size = length(w);
      w = size > 1e-6 ? w / size : vec3(0.0, 1.0, 0.0);
      vec3 u = normalize(cross(w, abs(w.y) < 0.9 ? vec3(0.0, 1.0, 0.0) : vec3(1.0, 0.0, 0.0)));
      normal = corner.x * u + corner.y * cross(w, u) + corner.z * w;
      place = mix(a, b, corner.w) + mix(radii.x, radii.y, corner.w) * normal;
      tint = colour;
      if (shadow) { place = vec3(place.x - 0.15 * place.y, 0.0, place.z - 0.25 * place.y); }
      gl_Position = view * vec4(place, 1.0);
    }`;
  const FRAGMENT = `#version 300 es
    precision mediump float;
    in vec3 normal; in vec3 place; in vec3 tint;
    uniform vec3 eye; uniform float alpha; uniform bool shadow;
    out vec4 result;
    void main() {
      if (shadow) { result = vec4(tint, 1.0); return; }
      vec3 n = normalize(normal), to = normalize(eye - place);
      float key = max(dot(n, normalize(vec3(0.35, 0.8, 0.5) + 0.6 * to)), 0.0);
      float shade = 0.42 + 0.18 * n.y + 0.48 * key;
      float edge = 1.0 - 0.35 * pow(1.0 - max(dot(n, to), 0.0), 3.0);
      result = vec4(tint * min(shade, 1.08) * edge, alpha);
    }`;
  const LINES = [`#version 300 es
    layout(location=0) in vec3 at; uniform mat4 view; uniform float gone; out float far;
    void main() { vec3 p = vec3(at.x - gone, at.yz); far = length(p);
      gl_Position = view * vec4(p, 1.0); }`, `#version 300 es
    precision mediump float; in float far; out vec4 result;
    void main() { float fade = clamp(1.0 - far / 3.2, 0.0, 1.0);
      result = vec4(vec3(0.55), 0.6 * fade); }`];

  // A capsule of so many corners around and rings on each end (none: an open tube), as corners
  // (x, y, axial, which end). A software renderer draws about a million triangles a second.
  function shape(around, rings) {
    const corners = [], faces = [];
    for (let row = 0; row < 2 * rings + 2; row++) {
      const end = row > rings ? 1 : 0;
      const turn = rings ? ((row - rings - end) / rings) * (Math.PI / 2) : 0;
      for (let k = 0; k < around; k++) {
        const phi = (2 * Math.PI * k) / around;
        const out = Math.cos(turn);
        corners.push(out * Math.cos(phi), out * Math.sin(phi), Math.sin(turn), end);
        if (row > 0) {
          const next = (k + 1) % around, low = (row - 1) * around, high = row * around;
          faces.push(low + k, low + next, high + k, high + k, low + next, high + next);
        }
      }
    }
    return [corners, faces];
  }

  function program(gl, vertex, fragment) {
    const made = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
      gl.attachShader(made, shader);
    }
    gl.linkProgram(made);
    const place = (name) => gl.getUniformLocation(made, name);
    return { made, view: place("view"), eye: place("eye"), alpha: place("alpha"),
      shadow: place("shadow"), gone: place("gone"),
      segments: place("segments"), first: place("first") };
  }

  function minus(a, b) { return [a[0] - b[0], a[1] - b[1], a[2] - b[2]]; }
  function cross(a, b) {
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  }
  function dot(a, b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
  function unit(a) { const s = Math.hypot(...a) || 1; return a.map((v) => v / s); }

  // Where an orbiting eye stands, and the matrix (columns) from ground to the screen.
  function camera({ azimuth, elevation, distance, target }, aspect) {
    const c = Math.cos(elevation), s = Math.sin(elevation);
    const toEye = [c * Math.sin(azimuth), s, c * Math.cos(azimuth)];
    const eye = target.map((v, i) => v + distance * toEye[i]);
    const right = [Math.cos(azimuth), 0, -Math.sin(azimuth)], up = cross(toEye, right);
    const near = 0.05, far = 20, f = 1 / Math.tan(0.5 * 0.5);
    const [x, y] = aspect > 1 ? [f / aspect, f] : [f, f * aspect];
    const p = (far + near) / (near - far), q = (2 * far * near) / (near - far);
    const rows = [right, up, toEye].map((axis) => [...axis, -dot(axis, eye)]);
    const all = [rows[0].map((v) => v * x), rows[1].map((v) => v * y),
      rows[2].map((v, i) => v * p + (i === 3 ? q : 0)), rows[2].map((v) => -v)];
    const view = new Float32Array(16);
    all.forEach((row, i) => row.forEach((v, j) => { view[4 * j + i] = v; }));
    return { eye, view };
  }

  // Where a point is seen, in shares of the canvas from its upper left corner.
  function seen(view, [x, y, z]) {
    const at = [0, 1, 3].map((i) => view[i] * x + view[4 + i] * y + view[8 + i] * z + view[12 + i]);
    return [0.5 + at[0] / at[2] / 2, 0.5 - at[1] / at[2] / 2];
  }

  // Corners around and rings on each end, from fine to coarse.
  const MESHES = [[9, 2], [6, 1], [6, 0], [4, 0]], FINE = 0, ROUND = 1, TUBE = 2, THIN = 3;

  // null where the browser has no WebGL 2.
  function renderer(canvas) {
    const probe = document.createElement("canvas").getContext("webgl2");
    if (!probe) return null;
    const told = probe.getExtension("WEBGL_debug_renderer_info");
    const name = String(probe.getParameter(told ? told.UNMASKED_RENDERER_WEBGL : probe.RENDERER));
    const software = /swiftshader|llvmpipe|software/i.test(name), antialias = !software;
    const gl = canvas.getContext("webgl2", { antialias, alpha: false });
    const body = program(gl, VERTEX, FRAGMENT), floor = program(gl, ...LINES);
    const meshes = MESHES.map(([around, rings]) => {
      const [corners, faces] = shape(around, rings);
      return { corners, faces, room: 0, array: gl.createVertexArray(), places: gl.createBuffer(), order: gl.createBuffer() };
    });
    // Corners and faces of so many segments, made once and again when there are more.
    function make(mesh, count) {
      mesh.room = 2 * count;
      const many = mesh.corners.length / 4, corners = new Float32Array(5 * many * mesh.room);
      const faces = new Uint32Array(mesh.faces.length * mesh.room);
      for (let k = 0; k < mesh.room; k++) {
        for (let i = 0; i < many; i++) {
          for (let j = 0; j < 4; j++) corners[5 * (k * many + i) + j] = mesh.corners[4 * i + j];
          corners[5 * (k * many + i) + 4] = k;
        }
        mesh.faces.forEach((corner, i) => { faces[k * mesh.faces.length + i] = k * many + corner; });
      }
      gl.bindVertexArray(mesh.array);
      gl.bindBuffer(gl.ARRAY_BUFFER, mesh.places);
      gl.bufferData(gl.ARRAY_BUFFER, corners, gl.STATIC_DRAW);
      [[4, 0], [1, 4]].forEach(([width, from], i) => {
        gl.enableVertexAttribArray(i);
        gl.vertexAttribPointer(i, width, gl.FLOAT, false, 20, 4 * from);
      });
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, mesh.order);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, faces, gl.STATIC_DRAW);
    }
    // The segments of all parts, one after the other.
    let all = new Float32Array(0);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    for (const name of ["MIN", "MAG"]) gl.texParameteri(gl.TEXTURE_2D, gl[`TEXTURE_${name}_FILTER`], gl.NEAREST);
    function upload(parts) {
      const rows = Math.ceil(parts.reduce((sum, part) => sum + part.count, 1) / ROW);
      if (all.length < SIZE * ROW * rows) all = new Float32Array(SIZE * ROW * (rows + 1));
      let first = 0;
      const firsts = parts.map((part) => {
        all.set(part.segments.subarray(0, SIZE * part.count), SIZE * first);
        first += part.count;
        return first - part.count;
      });
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, 3 * ROW, rows, 0, gl.RGBA, gl.FLOAT, all);
      return firsts;
    }
    const lines = [];
    for (let k = -8; k <= 8; k++) lines.push(k * 0.5, 0, -1.5, k * 0.5, 0, 1.5);
    for (let k = -3; k <= 3; k++) lines.push(-4, 0, k * 0.5, 4, 0, k * 0.5);
    const grid = gl.createVertexArray();
    gl.bindVertexArray(grid);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(lines), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 3, gl.FLOAT, false, 0, 0);
    gl.enable(gl.DEPTH_TEST);
    gl.enable(gl.CULL_FACE);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);

    const waiting = [];
    // parts: {segments: Float32Array, count, mesh, alpha, shadow}; gone: m that the ground moved.
    function draw(parts, eyeAndView, gone) {
      const { eye, view } = eyeAndView;
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(1, 1, 1, 1);
      gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
      gl.enable(gl.BLEND);
      gl.depthMask(false);
      gl.useProgram(floor.made);
      gl.uniformMatrix4fv(floor.view, false, view);
      gl.uniform1f(floor.gone, gone % 0.5);
      gl.bindVertexArray(grid);
      gl.drawArrays(gl.LINES, 0, lines.length / 3);
      gl.useProgram(body.made);
      gl.uniformMatrix4fv(body.view, false, view);
      gl.uniform3fv(body.eye, eye);
      const firsts = upload(parts);
      gl.uniform1i(body.segments, 0);
      parts.forEach((part, k) => {
        const mesh = meshes[part.mesh];
        if (part.count > mesh.room) make(mesh, part.count);
        gl.bindVertexArray(mesh.array);
        gl.uniform1i(body.first, firsts[k]);
        gl[part.alpha < 1 ? "enable" : "disable"](gl.BLEND);
        gl.depthMask(!part.shadow);
        gl.uniform1f(body.alpha, part.alpha);
        gl.uniform1i(body.shadow, part.shadow ? 1 : 0);
        gl.drawElements(gl.TRIANGLES, mesh.faces.length * part.count, gl.UNSIGNED_INT, 0);
      });
      gl.depthMask(true);
      waiting.push(gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0));
      gl.flush();
    }
    // Whether two pictures are still being drawn: a further one would only queue behind them.
    function busy() {
      while (waiting.length && gl.clientWaitSync(waiting[0], 0, 0) !== gl.TIMEOUT_EXPIRED) gl.deleteSync(waiting.shift());
      return waiting.length > 1;
    }
    return { draw, busy, software };
  }
  return { SIZE, FINE, ROUND, TUBE, THIN, renderer, camera, seen, unit, minus };
})();
