// Two pictures that cut one volume in different planes: where each lies in the other.

/** How the frames of a stack lie in their volume; a stack that is no cut of another is a volume of its own. */
function axesOf(stack) {
  const along = (number, length) => ({ number, backwards: false, length });
  return (
    stack.axes ?? {
      volume: stack.digest,
      across: along(2, stack.columns),
      down: along(1, stack.rows),
      through: along(0, stack.frames),
    }
  );
}

const onAxis = ({ backwards, length }, place) => (backwards ? length - place : place);

/** Whether two stacks are different planes of one volume. */
export function crosses(one, other) {
  if (!one || !other || one.digest === other.digest) return false;
  const [mine, theirs] = [axesOf(one), axesOf(other)];
  return mine.volume === theirs.volume && mine.through.number !== theirs.through.number;
}

/** The frame of `other` on which an image position of `one` lies. */
export function frameAt(one, [x, y], other) {
  const { across, down } = axesOf(one);
  const { through } = axesOf(other);
  const [axis, place] = across.number === through.number ? [across, x] : [down, y];
  const frame = Math.floor(onAxis(through, onAxis(axis, place)));
  return Math.min(Math.max(frame, 0), through.length - 1);
}

/** The line in which a frame of `other` cuts the pictures of `one`: its two ends as image positions. */
export function lineOf(other, frame, one) {
  const { across, down } = axesOf(one);
  const { through } = axesOf(other);
  const place = onAxis(through, frame + 0.5);
  if (across.number === through.number) {
    const x = onAxis(across, place);
    return [[x, 0], [x, one.rows]];
  }
  const y = onAxis(down, place);
  return [[0, y], [one.columns, y]];
}
