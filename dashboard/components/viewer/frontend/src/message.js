// The wire format of a message from Python: 4 bytes of header length, JSON, then the arrays, each part padded to 8 bytes
// (`wire.py` packs what this file unpacks).

const ARRAYS = { "|u1": Uint8Array, "<i2": Int16Array, "<u2": Uint16Array, "<f4": Float32Array };
const padded = (offset) => Math.ceil(offset / 8) * 8;

/**
 * @param {Uint8Array} bytes
 * @returns {{header: object, arrays: (Uint8Array|Int16Array|Uint16Array|Float32Array)[]}} the arrays own their memory
 */
export function unpack(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let offset = padded(4 + length);
  const arrays = header.arrays.map(({ dtype, size }) => {
    const Type = ARRAYS[dtype];
    const end = offset + size * Type.BYTES_PER_ELEMENT;
    const copy = bytes.slice(offset, end); // aligned, and free of the socket's buffer
    offset = padded(end);
    return new Type(copy.buffer);
  });
  return { header, arrays };
}
