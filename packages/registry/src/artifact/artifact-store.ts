/**
 * Files that never change, found by the SHA-256 of their bytes (64 lower-case hex digits).
 *
 * Every store keeps these promises: `put` resolves when the bytes would survive a crash, and putting the same bytes again is harmless;
 * `get` only ever returns bytes that hash to the name asked for.
 */
export interface ArtifactStore {
  /** Stores bytes and returns their SHA-256. */
  put(bytes: Uint8Array): Promise<string>
  /** Reads and verifies an artifact; rejects with `ARTIFACT_MISSING` or `ARTIFACT_CORRUPT`. */
  get(sha256: string): Promise<Uint8Array>
  has(sha256: string): Promise<boolean>
  /** Removes an artifact if it is there. */
  remove(sha256: string): Promise<void>
  /** The names of all artifacts, in no particular order. */
  list(): AsyncIterable<string>
}
