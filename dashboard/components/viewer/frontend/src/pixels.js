// Pixel arrays by image digest and frame, shared by all viewers of the page and handed out as soon as they arrive.

const slots = new Map(); // "digest/frame" -> {pixels, holders, promise, resolve}

function slot(digest, frame) {
  const key = `${digest}/${frame}`;
  if (!slots.has(key)) {
    const { promise, resolve } = Promise.withResolvers();
    slots.set(key, { pixels: null, holders: 0, promise, resolve });
  }
  return slots.get(key);
}

/** @returns {Promise} the pixels of one frame, now or when they arrive */
export const whenArrived = (digest, frame) => slot(digest, frame).promise;

/** @returns the pixels of one frame, or null while they are on their way */
export const pixelsOf = (digest, frame) => slots.get(`${digest}/${frame}`)?.pixels ?? null;

/**
 * Keep the frames of one message.
 *
 * @returns {() => void} releases them; memory is freed with the last holder
 */
export function hold({ digest, first, count }, pixels) {
  const size = pixels.length / count;
  const keys = [];
  for (let i = 0; i < count; i += 1) {
    const entry = slot(digest, first + i);
    entry.pixels ??= pixels.subarray(i * size, (i + 1) * size);
    entry.holders += 1;
    entry.resolve(entry.pixels);
    keys.push(`${digest}/${first + i}`);
  }
  return () => keys.forEach(release);
}

function release(key) {
  const entry = slots.get(key);
  entry.holders -= 1;
  if (entry.holders === 0) slots.delete(key);
}
