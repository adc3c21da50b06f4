// What is written beside a measurement: of raw pixel values and real spacing, or the reason why not.

import { number } from "./dom.js";
import { pixelsOf } from "./pixels.js";

const LONGEST = 4_000_000; // pixels of a region; larger ones would hold the page up

const noSpacing = (tr) => tr("the file has no pixel spacing");
const onDetector = (stack, tr) => (stack.spacingSource === "imager" ? tr(" on the detector") : "");

// `tr` of each of these puts what is written into words: in the reader's language where it is drawn, plain where it is kept.

/** Distance in mm, or in pixels where the file does not say how large they are. */
export function lengthText(stage, tr) {
  return ({ cachedStats }, target) => {
    const { length, unit } = cachedStats[target] ?? {};
    if (length === undefined) return [];
    return [`${number(length)} ${unit}${unit === "mm" ? onDetector(stage.stack, tr) : `: ${noSpacing(tr)}`}`];
  };
}

/** Angle in degrees; refused where pixels may be oblong. */
export function angleText(stage, tr) {
  return ({ cachedStats }, target) => {
    const { angle } = cachedStats[target] ?? {};
    if (angle === undefined) return [];
    return stage.stack.spacing ? [`${angle.toFixed(1)}°`] : [tr("Not measured:"), noSpacing(tr)];
  };
}

/** Area, mean, standard deviation, extremes and count of the raw values whose pixel centres lie inside. */
export function regionText(stage, inside, tr) {
  let last = { key: "", lines: [] };
  return ({ handles }, target, frame = stage.frame) => {
    const corners = handles.points.map((point) => stage.fromWorld(point));
    const key = [stage.stack.digest, frame, ...corners.flat()].join();
    if (key !== last.key) last = { key, lines: describe(stage.stack, frame, bounds(corners), inside, tr) };
    return last.lines;
  };
}

export const insideRectangle = () => true;
export const insideEllipse = (x, y) => x * x + y * y <= 1;

/** The rectangle around some image positions. */
export function bounds(corners) {
  const [x, y] = [0, 1].map((axis) => corners.map((corner) => corner[axis]));
  return { left: Math.min(...x), right: Math.max(...x), top: Math.min(...y), bottom: Math.max(...y) };
}

function describe(stack, frame, { left, right, top, bottom }, inside, tr) {
  const values = stack.color ? null : pixelsOf(stack.digest, frame);
  if (!values || (right - left) * (bottom - top) > LONGEST) return [];
  const [centerX, centerY, halfX, halfY] = [(left + right) / 2, (top + bottom) / 2, (right - left) / 2, (bottom - top) / 2];
  const first = (edge) => Math.max(Math.ceil(edge - 0.5), 0); // a pixel belongs where its centre lies
  const last = (edge, count) => Math.min(Math.floor(edge - 0.5), count - 1);
  let [n, sum, squares, low, high] = [0, 0, 0, Infinity, -Infinity];
  for (let row = first(top); row <= last(bottom, stack.rows); row += 1) {
    for (let column = first(left); column <= last(right, stack.columns); column += 1) {
      const value = values[row * stack.columns + column];
      if (!inside((column + 0.5 - centerX) / halfX, (row + 0.5 - centerY) / halfY) || Number.isNaN(value)) continue;
      n += 1;
      sum += value;
      squares += value * value;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (!n) return [];
  const mean = sum / n;
  const deviation = Math.sqrt(Math.max(squares / n - mean * mean, 0));
  const unit = stack.unit ? ` ${stack.unit}` : "";
  const area = stack.spacing ? `${number(n * stack.spacing[0] * stack.spacing[1])} mm²${onDetector(stack, tr)}` : noSpacing(tr);
  return [
    tr("mean {mean}, SD {deviation}", { mean: number(mean), deviation: number(deviation) }) + unit,
    tr("{low} to {high}, n = {n}", { low: number(low), high: number(high), n }),
    area,
  ];
}
