/** The body of one request while it arrives. */
export interface Body {
  readonly bytes: Promise<Buffer<ArrayBuffer>>
  /** Stops reading, so that `bytes` rejects with the problem. False when the body had already arrived or failed. */
  abort(problem: unknown): boolean
  /** From now on its bytes no longer count as held. */
  release(): void
}

/** A body that nobody has to wait for. */
export function arrivedBody(bytes: Buffer<ArrayBuffer>): Body {
  return { bytes: Promise.resolve(bytes), abort: () => false, release() {} }
}
