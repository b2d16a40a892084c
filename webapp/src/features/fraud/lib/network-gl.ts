/** Draws points and lines with WebGL in two calls; everything but the view is on the card before the first frame. */
import type { Network } from "@/client/contract-desk";

/** The place in the middle of the canvas, and how many times the unit disk is enlarged. */
export interface View {
  x: number;
  y: number;
  zoom: number;
}

export type Rgb = [number, number, number];
/** Hops 0, 1, 2, more, and the links. */
export const TONES = 5;

export interface Scene {
  draw: (view: View, palette: readonly Rgb[]) => void;
  free: () => void;
}

const VERTEX = `
attribute vec3 spot;
uniform vec2 centre;
uniform vec2 scale;
uniform float size;
uniform vec3 palette[${TONES}];
varying vec3 tone;
void main() {
  gl_Position = vec4((spot.xy - centre) * scale, 0.0, 1.0);
  gl_PointSize = size * max(1.0, 3.0 - 0.6 * spot.z);
  tone = palette[int(spot.z)];
}`;
const FRAGMENT = `
precision mediump float;
uniform float alpha;
uniform bool round;
varying vec3 tone;
void main() {
  if (round && length(gl_PointCoord - 0.5) > 0.5) discard;
  gl_FragColor = vec4(tone * alpha, alpha);
}`;

function programOf(gl: WebGLRenderingContext): WebGLProgram | null {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(kind);
    if (!shader) return null;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : null;
}

/** x, y and tone of every node, and of both ends of every link. */
function vertices({ nodes, links }: Pick<Network, "nodes" | "links">, spots: Float32Array) {
  const points = new Float32Array(3 * nodes.length);
  nodes.forEach((node, at) => {
    points.set([spots[2 * at] ?? 0, spots[2 * at + 1] ?? 0, Math.min(3, node.hops)], 3 * at);
  });
  const lines = new Float32Array(6 * links.length);
  links.forEach(({ source, target }, at) => {
    [source, target].forEach((end, side) => {
      lines.set([spots[2 * end] ?? 0, spots[2 * end + 1] ?? 0, TONES - 1], 6 * at + 3 * side);
    });
  });
  return { points, lines };
}

/** null where the browser has no WebGL: the table is shown instead. */
export function sceneOf(
  canvas: HTMLCanvasElement,
  network: Pick<Network, "nodes" | "links">,
  spots: Float32Array,
): Scene | null {
  const gl = canvas.getContext("webgl", { antialias: true });
  const program = gl && programOf(gl);
  if (!gl || !program) return null;
  const { points, lines } = vertices(network, spots);
  const [pointBuffer, lineBuffer] = [points, lines].map((data) => {
    const buffer = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
    return buffer;
  });
  const where = (name: string) => gl.getUniformLocation(program, name);
  const at = {
    centre: where("centre"),
    scale: where("scale"),
    size: where("size"),
    palette: where("palette"),
  };
  const [alpha, round] = [where("alpha"), where("round")];
  const spot = gl.getAttribLocation(program, "spot");
  // biome-ignore lint/correctness/useHookAtTopLevel: a call of WebGL, no hook
  gl.useProgram(program);
  gl.enableVertexAttribArray(spot);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  const pass = (buffer: WebGLBuffer | null | undefined, kind: number, count: number, opaque: number) => {
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer ?? null);
    gl.vertexAttribPointer(spot, 3, gl.FLOAT, false, 0, 0);
    gl.uniform1f(alpha, opaque);
    gl.uniform1i(round, kind === gl.POINTS ? 1 : 0);
    gl.drawArrays(kind, 0, count);
  };
  return {
    draw: (view, palette) => {
      const { width, height } = canvas;
      const unit = Math.min(width, height) * view.zoom * 0.95;
      gl.viewport(0, 0, width, height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform2f(at.centre, view.x, view.y);
      gl.uniform2f(at.scale, unit / width, unit / height);
      gl.uniform1f(at.size, Math.min(8, 3 * Math.sqrt(view.zoom)) * (globalThis.devicePixelRatio || 1));
      gl.uniform3fv(at.palette, palette.flat());
      pass(lineBuffer, gl.LINES, lines.length / 3, 0.3);
      pass(pointBuffer, gl.POINTS, points.length / 3, 1);
    },
    free: () => {
      gl.deleteBuffer(pointBuffer ?? null);
      gl.deleteBuffer(lineBuffer ?? null);
      gl.deleteProgram(program);
    },
  };
}
