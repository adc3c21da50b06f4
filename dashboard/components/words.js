// What a component says in the reader's language: Python sends a translation of every sentence that stands in `tr`.

let dictionary = {};
const learn = (words) => { dictionary = words; };

/** A sentence with its values; English where there is no translation. */
const tr = (message, values = {}) =>
  (dictionary[message] ?? message).replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);

