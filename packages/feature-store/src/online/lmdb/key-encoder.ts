interface KeyEncoder {
  writeKey(key: Uint8Array, target: Uint8Array, start: number): number
  readKey(source: Uint8Array, start: number, end: number): Uint8Array
}

/** LMDB refuses empty keys, so each gets one byte in front. */
export const keyEncoder: KeyEncoder = {
  writeKey(key: Uint8Array, target: Uint8Array, start: number): number {
    target[start] = 0
    target.set(key, start + 1)
    return start + 1 + key.length
  },
  readKey(source: Uint8Array, start: number, end: number): Uint8Array {
    // A Buffer's own slice would share LMDB's memory, which the next key overwrites.
    return Uint8Array.from(source.subarray(start + 1, end))
  },
}
