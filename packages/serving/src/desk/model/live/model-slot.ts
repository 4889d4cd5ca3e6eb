import type { ServableModel } from '../model-source.ts'

/** A loaded model with everything that needs it: released once nothing keeps it and no request uses it. */
export interface ModelSlot {
  readonly loaded: ServableModel
  /** Requests that use it now. */
  readonly users: number
  /** Whether an alias serves it, or served it a moment ago. */
  readonly kept: boolean
  /** No request may enter any more: it is being released, or has been. */
  readonly retired: boolean
  enter(): void
  leave(): void
  /** Protects it from eviction until the same caller lets it go. */
  keep(): void
  letGo(): void
  /** Releases it as soon as the last user leaves. */
  retire(): void
  /** Settles when it has been released. */
  readonly released: Promise<void>
}

export function modelSlot(loaded: ServableModel, onError: (error: unknown) => void): ModelSlot {
  let users = 0
  let keepers = 0
  let retired = false
  const { promise: released, resolve } = Promise.withResolvers<void>()
  function releaseWhenIdle(): void {
    if (!retired || users > 0) return
    loaded.release().catch(onError).finally(resolve)
  }
  return {
    loaded,
    get users() {
      return users
    },
    get kept() {
      return keepers > 0
    },
    get retired() {
      return retired
    },
    enter() {
      users++
    },
    leave() {
      users--
      releaseWhenIdle()
    },
    keep() {
      keepers++
    },
    letGo() {
      keepers--
    },
    retire() {
      if (retired) return
      retired = true
      releaseWhenIdle()
    },
    released,
  }
}
