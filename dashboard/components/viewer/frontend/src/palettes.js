// Perceptually uniform colour maps that survive colour blindness and grey printing: ten colours each, interpolated.
// Viridis and inferno: van der Walt and Smith 2015; cividis: Nunez et al. 2018, doi 10.1371/journal.pone.0199239.
// Berlin, for signed maps, dark where nothing speaks for either side: Crameri 2018, doi 10.5281/zenodo.1243862.

const STEPS = {
  viridis: "440154 482878 3e4989 31688e 26828e 1f9e89 35b779 6ece58 b5de2b fde725",
  inferno: "000004 1b0c41 4a0c6b 781c6d a52c60 cf4446 ed6925 fb9b06 f7d13d fcffa4",
  cividis: "00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 e1cc55 fee838",
  berlin: "9eb0ff 5aa3da 2d7597 194155 11181d 270c01 501802 8a3f2a c37469 ffacac",
};

/** Names of the colour maps for maps that have a sign, or have none. */
export const palettesFor = (signed) => (signed ? ["berlin"] : ["viridis", "inferno", "cividis"]);

/** @returns {Uint8ClampedArray} 256 x 3 */
export function palette(name) {
  const steps = STEPS[name].split(" ").map((hex) => [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)));
  const table = new Uint8ClampedArray(256 * 3);
  for (let i = 0; i < 256; i += 1) {
    const position = (i / 255) * (steps.length - 1);
    const below = Math.min(Math.floor(position), steps.length - 2);
    for (let channel = 0; channel < 3; channel += 1) {
      const from = steps[below][channel];
      table[3 * i + channel] = from + (steps[below + 1][channel] - from) * (position - below);
    }
  }
  return table;
}
