/**
 * Files that never change, named by the SHA-256 of their bytes (64 lower-case hex digits).
 *
 * Every store guarantees: `put` resolves when the bytes would survive a crash, and putting the same bytes again is harmless; `get`
 * only returns bytes that hash to the requested name.
 */
export interface ArtifactStore {
  /** Stores bytes and returns their SHA-256. */
  put(bytes: Uint8Array): Promise<string>
  /**
   * Reads and verifies an artifact.
   *
   * @throws MartletError ARTIFACT_MISSING when it is not stored
   * @throws MartletError ARTIFACT_CORRUPT when its bytes changed
   */
  get(sha256: string): Promise<Uint8Array>
  has(sha256: string): Promise<boolean>
  /** Removes an artifact if it is there. */
  remove(sha256: string): Promise<void>
  /** The names of all artifacts, in no particular order. */
  list(): AsyncIterable<string>
}
