// One Cornerstone rendering engine and one set of tools for all viewers of the page.

import { eventTarget, getRenderingCapabilities, init as initCore, RenderingEngine, utilities } from "@cornerstonejs/core";
import * as tools from "@cornerstonejs/tools";
import { frameOf, registerImages } from "./images.js";
import { angleText, bounds, insideEllipse, insideRectangle, lengthText, regionText } from "./measures.js";
import { plain, tr } from "./words.js";

const { MouseBindings, KeyboardBindings, Events } = tools.Enums;
const { ANNOTATION_COMPLETED: COMPLETED, ANNOTATION_MODIFIED: MODIFIED, ANNOTATION_REMOVED: REMOVED } = Events;
const RESTS_MS = 500; // a drag changes a measurement many times
const DOUBLING_PX = 170; // pixels of drag that double the window's width, or the zoom

class WindowTool extends tools.WindowLevelTool {
  static toolName = "AttendingWindow";

  // In proportion to the width, so that floats in [0, 1] and 16-bit integers feel alike.
  getNewRange({ deltaPointsCanvas: [right, down], lower, upper }) {
    const width = Math.max((upper - lower) * 2 ** (right / DOUBLING_PX), Number.EPSILON);
    const center = (lower + upper) / 2 + (down * (upper - lower)) / (3 * DOUBLING_PX);
    return { lower: center - width / 2, upper: center + width / 2 };
  }
}

class ZoomTool extends tools.BaseTool {
  static toolName = "AttendingZoom"; // Cornerstone's own jumps without WebGL where pixels are oblong

  mouseDragCallback({ detail: { deltaPoints, startPoints } }) {
    this.configuration.zoomBy(2 ** (-deltaPoints.canvas[1] / DOUBLING_PX), startPoints.canvas);
  }
}

class BoxTool extends tools.RectangleROITool {
  static toolName = "AttendingBox"; // marks a place and measures nothing
}

class LocateTool extends tools.BaseTool {
  static toolName = "AttendingLocate"; // takes the other pane to the place under the pointer

  preMouseDownCallback({ detail: { currentPoints } }) {
    this.configuration.locate(currentPoints.canvas);
    return true;
  }

  mouseDragCallback({ detail: { currentPoints } }) {
    this.configuration.locate(currentPoints.canvas);
  }
}

export const TOOLS = {
  window: WindowTool.toolName,
  pan: tools.PanTool.toolName,
  zoom: ZoomTool.toolName,
  length: tools.LengthTool.toolName,
  angle: tools.AngleTool.toolName,
  ellipse: tools.EllipticalROITool.toolName,
  rectangle: tools.RectangleROITool.toolName,
  box: BoxTool.toolName,
  locate: LocateTool.toolName,
};

/** What the reader measures with, as against what is said to the model. */
export const MEASURES = ["length", "angle", "ellipse", "rectangle"];

const CONFIGURATION = { [TOOLS.box]: { calculateStats: false, getTextLines: () => [] } };

let engine;

/** The rendering engine, started on first use. */
export function startEngine() {
  if (engine) return engine;
  const { softwareRasterizer } = getRenderingCapabilities(); // no card: WebGL drawn by software takes six times as long
  initCore({ rendering: { useCPURendering: softwareRasterizer, webGlContextCount: 1 } });
  tools.init();
  const { AngleTool, EllipticalROITool, LengthTool, PanTool, RectangleROITool } = tools;
  const ours = [WindowTool, ZoomTool, BoxTool, LocateTool];
  [...ours, PanTool, LengthTool, AngleTool, EllipticalROITool, RectangleROITool].forEach(tools.addTool);
  registerImages();
  engine = new RenderingEngine("attending");
  return engine;
}

const nowhere = () => [0, 0, 0];

/** The handles of an annotation as Cornerstone's tools make them. */
function handles(points) {
  const corners = { topLeft: nowhere(), topRight: nowhere(), bottomLeft: nowhere(), bottomRight: nowhere() };
  return { points, activeHandleIndex: null, textBox: { hasMoved: false, worldPosition: nowhere(), worldBoundingBox: corners } };
}

/** What is written beside each kind of measurement, put into words by `say`. */
const linesOf = (stage, say) => ({
  length: lengthText(stage, say),
  angle: angleText(stage, say),
  ellipse: regionText(stage, insideEllipse, say),
  rectangle: regionText(stage, insideRectangle, say),
});

/** Tools of one viewer: the left button is `use`d, the middle one pans, the right one zooms. */
export class Tools {
  /**
   * @param stage the viewport that the tools work on
   * @param locate called with a point of the canvas that the other pane is to show
   */
  constructor(stage, locate) {
    this.group = tools.ToolGroupManager.createToolGroup(stage.id);
    this.listeners = [];
    this.stage = stage;
    const zoom = { zoomBy: (factor, point) => stage.zoomBy(factor, point) };
    this.lines = linesOf(stage, plain); // as they are kept
    const lines = linesOf(stage, tr); // as they are drawn
    const written = MEASURES.map((name) => [TOOLS[name], { getTextLines: lines[name] }]);
    const configuration = { ...CONFIGURATION, [TOOLS.zoom]: zoom, [TOOLS.locate]: { locate }, ...Object.fromEntries(written) };
    Object.values(TOOLS).forEach((name) => this.group.addTool(name, configuration[name] ?? {}));
    this.group.addViewport(stage.id, engine.id);
    this.use("window");
  }

  use(tool) {
    const bindings = Object.fromEntries(Object.keys(TOOLS).map((name) => [name, []]));
    bindings.pan.push({ mouseButton: MouseBindings.Auxiliary });
    bindings.pan.push({ mouseButton: MouseBindings.Primary, modifierKey: KeyboardBindings.Shift });
    bindings.zoom.push({ mouseButton: MouseBindings.Secondary });
    bindings[tool].push({ mouseButton: MouseBindings.Primary });
    for (const [name, buttons] of Object.entries(bindings)) {
      if (buttons.length) this.group.setToolActive(TOOLS[name], { bindings: buttons });
      else this.group.setToolPassive(TOOLS[name]);
    }
  }

  /** Remove what was drawn with some tools. */
  clear(names, element) {
    const { state } = tools.annotation;
    for (const name of names) {
      for (const { annotationUID } of [...(state.getAnnotations(TOOLS[name], element) ?? [])]) {
        state.removeAnnotation(annotationUID);
      }
    }
  }

  /** Tell of every box that the reader draws on this viewer's image: [top, left, bottom, right], and its frame. */
  onBox(listener) {
    this.#listen([COMPLETED], ({ metadata, data }) => {
      if (metadata.toolName !== TOOLS.box) return;
      const { top, left, bottom, right } = bounds(data.handles.points.map((point) => this.stage.fromWorld(point)));
      listener([top, left, bottom, right], frameOf(metadata.referencedImageId));
    });
  }

  /** Tell when measurements were made, changed or removed and have come to rest. */
  onMeasured(listener) {
    this.measuredListener = listener;
    this.#listen([COMPLETED, MODIFIED, REMOVED], ({ metadata }) => {
      if (MEASURES.some((name) => TOOLS[name] === metadata.toolName)) this.#tellAtRest();
    });
  }

  #tellAtRest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.tellNow(), RESTS_MS);
  }

  /** Tell at once what has not come to rest yet: the stack that it lies on may be about to go. */
  tellNow() {
    if (!this.resting) return;
    clearTimeout(this.resting);
    this.resting = null;
    this.measuredListener(this.measured().map(({ uid, ...measured }) => measured));
  }

  /** What was measured on this stack: kind, frame, points in image positions, and what is written beside it. */
  measured() {
    const found = (name) => tools.annotation.state.getAnnotations(TOOLS[name], this.stage.element) ?? [];
    return MEASURES.flatMap((kind) =>
      found(kind).map(({ annotationUID, metadata, data }) => {
        const frame = frameOf(metadata.referencedImageId);
        const written = this.lines[kind](data, Object.keys(data.cachedStats ?? {})[0], frame).join("; ");
        const points = data.handles.points.map((point) => this.stage.fromWorld(point));
        return { uid: annotationUID, kind, frame, points, said: written || data.said || "" }; // kept, and not drawn yet
      }),
    );
  }

  /**
   * Carry what is drawn on this stack over to the images that stand for its frames now: an annotation is seen on none
   * but the image that it names, and behind a curve that is another one. Its figures stay, under the new name.
   */
  carryOver() {
    const imageIds = this.stage.viewport.getImageIds();
    const found = Object.values(TOOLS).flatMap((name) => tools.annotation.state.getAnnotations(name, this.stage.stack.digest) ?? []);
    for (const { metadata, data } of found) {
      const imageId = imageIds[frameOf(metadata.referencedImageId)];
      const [figures] = Object.values(data.cachedStats ?? {});
      data.cachedStats = figures ? { [`imageId:${imageId}`]: figures } : {};
      metadata.referencedImageId = imageId;
      delete metadata.referencedImageURI; // Cornerstone makes it of the identifier
    }
    if (found.length) engine.render(); // another pane may show them too
  }

  /** Put measurements back that were kept. */
  restore(measures) {
    const { viewport, element } = this.stage;
    for (const { kind, frame, points, said } of measures) {
      const world = points.map(([x, y]) => this.stage.toWorld(x, y));
      tools.annotation.state.addAnnotation(
        {
          annotationUID: utilities.uuidv4(),
          highlighted: false,
          invalidated: true,
          isLocked: false,
          isVisible: true,
          metadata: { toolName: TOOLS[kind], ...viewport.getViewReference({ sliceIndex: frame }) },
          data: { label: "", said, cachedStats: {}, handles: handles(world) },
        },
        element,
      );
    }
    viewport.render();
  }

  /** Add a measurement that was made by keys, or put it in place of one that was there; tell when it has come to rest. */
  put(measure, instead) {
    if (instead) this.remove(instead);
    this.restore([measure]);
    this.#tellAtRest();
  }

  /** Remove one measurement. */
  remove(uid) {
    tools.annotation.state.removeAnnotation(uid);
    this.stage.viewport.render();
  }

  /** Hide one measurement while it is moved, or show it again. */
  show(uid, visible) {
    tools.annotation.visibility.setAnnotationVisibility(uid, visible);
    this.stage.viewport.render();
  }

  #listen(events, listener) {
    const ours = ({ detail: { annotation } }) => {
      if (annotation.metadata.FrameOfReferenceUID === this.stage.stack?.digest) listener(annotation);
    };
    for (const event of events) {
      eventTarget.addEventListener(event, ours);
      this.listeners.push([event, ours]);
    }
  }

  destroy() {
    this.tellNow();
    for (const [event, listener] of this.listeners) eventTarget.removeEventListener(event, listener);
    tools.ToolGroupManager.destroyToolGroup(this.group.id);
  }
}
