// Two stages that move together: the same place, magnification, turn and frame; of one image also the same window.
// Planes of one volume share window and magnification alone.

import { crosses } from "./planes.js";

/** Let one stage show what the other shows; sizes in mm where both say how large a pixel is, else by whole images. */
export function follow(leader, follower) {
  if (!leader.preset || !follower.preset) return;
  const same = leader.stack.digest === follower.stack.digest;
  const crossing = crosses(leader.stack, follower.stack);
  if (!crossing) follower.goTo(frameLike(leader, follower));
  if (same || crossing) follower.seeThrough(leader);
  const { at, rotation, flipped } = crossing ? follower.view : leader.view;
  const factor = scaleOf(leader) / scaleOf(follower) || 1;
  follower.lookAt({ at, rotation, flipped, zoom: follower.zoom * factor });

  function scaleOf(stage) {
    const inMm = [leader, follower].every(({ stack }) => stack.spacing && stack.spacingSource !== "imager");
    return inMm ? stage.zoom / stage.stack.spacing[1] : stage.magnification;
  }
}

/** The same frame of stacks of one length, the same share of the way through others. */
function frameLike(leader, follower) {
  const [from, to] = [leader, follower].map(({ stack }) => stack.frames - 1);
  return from === to ? leader.frame : Math.round((leader.frame / (from || 1)) * to);
}
