import type { ServableModel } from './model-source.ts'

/** A loaded model with the number of requests that use it: released when nobody does and nothing keeps it. */
export interface ModelSlot {
  readonly loaded: ServableModel
  readonly users: number
  /** Being released, or released: not to be entered any more. */
  readonly retired: boolean
  enter(): void
  leave(): void
  /** Nothing keeps it any more: released as soon as the last user leaves. */
  retire(): void
  /** Settles when it has been released. */
  readonly released: Promise<void>
}

export function modelSlot(loaded: ServableModel, onError: (error: unknown) => void): ModelSlot {
  let users = 0
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
    retire() {
      if (retired) return
      retired = true
      releaseWhenIdle()
    },
    released,
  }
}
