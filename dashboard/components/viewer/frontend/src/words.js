// What the viewer says in the reader's language: Python sends a translation of every sentence that stands in `tr`.

let dictionary = {};

/**
 * @param {object} words the translations; none of them for English
 * @returns {string} what tells this language from another
 */
export function learn(words) {
  dictionary = words;
  return JSON.stringify(words);
}

/** A sentence with its values, in English; what stands behind `||` tells one meaning of its words from another. */
export const plain = (message, values = {}) =>
  message.replace(/\|\|.*/, "").replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);

/** A sentence with its values, in the reader's language. */
export const tr = (message, values) => plain(dictionary[message] ?? message, values);
