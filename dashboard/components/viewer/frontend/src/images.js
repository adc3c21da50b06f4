// Cornerstone's image loader and metadata for stacks that Python sent: no DICOM is parsed in the browser.

import { Enums, getShouldUseCPURendering, imageLoader, metaData, utilities } from "@cornerstonejs/core";
import { drawGrey } from "./grey.js";
import { pixelsOf, whenArrived } from "./pixels.js";

const SCHEME = "attending";
const DRAWN_LEVELS = 65535;
const stacks = new Map(); // digest -> stack as sent by Python

// Shared, because Cornerstone compares calibrations by identity. Without it a length without spacing reads "mm".
const UNCALIBRATED = { type: Enums.CalibrationTypes.UNCALIBRATED };

/** Identifiers of all frames of a stack, seen through one of its presets. */
export function imageIdsOf(stack, preset) {
  stacks.set(stack.digest, stack);
  const curve = preset.curve ? stack.presets.indexOf(preset) : "";
  return Array.from({ length: stack.frames }, (_, frame) => `${SCHEME}:${stack.digest}/${frame}/${curve}`);
}

function parse(imageId) {
  const [digest, frame, curve] = imageId.slice(SCHEME.length + 1).split("/");
  const stack = stacks.get(digest);
  return { stack, frame: Number(frame), curve: curve === "" ? null : stack.presets[curve].curve };
}

/** The frame that an identifier stands for. */
export const frameOf = (imageId) => parse(imageId).frame;

/**
 * The two directions between pixel values and the numbers that are drawn: they differ behind a VOI LUT, whose
 * output is drawn, and for floats without WebGL, whose renderer draws whole numbers only.
 */
export function scaleOf(stack, preset) {
  if (preset.curve) return { toDrawn: (share) => share * DRAWN_LEVELS, toValue: (drawn) => drawn / DRAWN_LEVELS };
  if (!quantised(stack)) return { toDrawn: (value) => value, toValue: (drawn) => drawn };
  const [low, high] = stack.range;
  const step = (high - low) / DRAWN_LEVELS || 1;
  return { toDrawn: (value) => (value - low) / step, toValue: (drawn) => low + drawn * step };
}

const quantised = (stack) => stack.dtype === "<f4" && getShouldUseCPURendering();

function drawnPixels({ stack, curve }, values) {
  if (curve) {
    const { table, first, step } = curve;
    const last = table.length - 1;
    return Uint16Array.from(values, (value) => table[Math.min(Math.max(Math.round((value - first) / step), 0), last)]);
  }
  if (!quantised(stack)) return values;
  const { toDrawn } = scaleOf(stack, {});
  return Uint16Array.from(values, (value) => Math.round(toDrawn(value)));
}

function extremes(pixels) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of pixels) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function makeImage(imageId, request, values) {
  const { rows, columns, color } = request.stack;
  const pixels = drawnPixels(request, values);
  const components = color ? 3 : 1;
  const [low, high] = color ? [0, 255] : extremes(pixels);
  const [rowSpacing, columnSpacing] = request.stack.spacing ?? [1, 1];
  return {
    imageId,
    rows,
    columns,
    height: rows,
    width: columns,
    color,
    rgba: false,
    numberOfComponents: components,
    minPixelValue: low,
    maxPixelValue: high,
    slope: 1,
    intercept: 0,
    windowCenter: (low + high + 1) / 2,
    windowWidth: Math.max(high - low, 1) + 1, // of a flat image too: Cornerstone's transfer function dies of width 0
    voiLUTFunction: Enums.VOILUTFunctionType.LINEAR,
    invert: false,
    rowPixelSpacing: rowSpacing,
    columnPixelSpacing: columnSpacing,
    dataType: pixels.constructor.name,
    sizeInBytes: pixels.byteLength,
    getPixelData: () => pixels,
    getCanvas: () => null,
    render: color ? undefined : drawGrey,
    voxelManager: utilities.VoxelManager.createImageVoxelManager({
      scalarData: pixels,
      width: columns,
      height: rows,
      numberOfComponents: components,
    }),
  };
}

function load(imageId) {
  const request = parse(imageId);
  const promise = whenArrived(request.stack.digest, request.frame).then((values) =>
    makeImage(imageId, request, values),
  );
  return { promise };
}

function describe(type, imageId) {
  if (typeof imageId !== "string" || !imageId.startsWith(`${SCHEME}:`)) return undefined;
  const { stack } = parse(imageId);
  const [rowSpacing, columnSpacing] = stack.spacing ?? [1, 1];
  switch (type) {
    case "imagePlaneModule":
      return {
        rows: stack.rows,
        columns: stack.columns,
        rowPixelSpacing: rowSpacing,
        columnPixelSpacing: columnSpacing,
        rowCosines: [1, 0, 0],
        columnCosines: [0, 1, 0],
        imageOrientationPatient: [1, 0, 0, 0, 1, 0],
        imagePositionPatient: [0, 0, 0],
        frameOfReferenceUID: stack.digest, // measurements are global: they must not leak into another image
        usingDefaultValues: stack.spacing === null,
      };
    case "imagePixelModule":
      return { photometricInterpretation: stack.color ? "RGB" : "MONOCHROME2", samplesPerPixel: stack.color ? 3 : 1 };
    case "generalSeriesModule":
      return { modality: "OT" }; // the unit comes with the stack: Cornerstone prints "HU" for any CT
    case "calibratedPixelSpacing":
    case "calibrationModule":
      return stack.spacing === null ? UNCALIBRATED : undefined;
    default:
      return undefined;
  }
}

export function registerImages() {
  imageLoader.registerImageLoader(SCHEME, load);
  metaData.addProvider(describe, 1000);
}

/** The value under an image position, or null outside or before it has arrived. */
export function valueAt(stack, frame, column, row) {
  const values = pixelsOf(stack.digest, frame);
  if (!values || column < 0 || row < 0 || column >= stack.columns || row >= stack.rows) return null;
  const at = row * stack.columns + column;
  return stack.color ? Array.from(values.subarray(3 * at, 3 * at + 3)) : values[at];
}
