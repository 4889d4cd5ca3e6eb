import { sha256 } from '../artifact/sha256.ts'
import type { IsolationLimits } from '../runtime/isolated/isolation-limits.ts'
import type { ProcessUsage } from '../runtime/onnx-runtime.ts'
import type { ModelSignature } from '../signature/signature.ts'
import { toJson } from '../store/json.ts'
import type { GoldenRows } from './golden-rows.ts'
import type { Runs } from './measure-runs.ts'

/** What a model used when it passed in a process of its own. */
export interface Passed {
  /** The largest batch it was run at. */
  readonly rows: number
  readonly openMs: number
  readonly usage: ProcessUsage
  /** The limits it kept. */
  readonly limits: IsolationLimits
  readonly runs: Runs
}

const MAX_REMEMBERED = 1024
/** The same bytes with the same golden rows need not pass twice in one process. */
const remembered = new Map<string, Passed>()

/** A key for a file and everything that its trial depends on. */
export function trialKey(bytes: Uint8Array, signature: ModelSignature, golden: GoldenRows, runtime: string): string {
  return sha256(toJson([sha256(bytes), signature, golden, runtime]))
}

export function notePassed(key: string, passed: Passed): void {
  remembered.delete(key)
  remembered.set(key, passed)
  const [oldest] = remembered.keys()
  if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest)
}

/** How a model ran when it passed with that many rows and used no more than these limits allow; undefined when it has not. */
export function hasPassed(key: string, rows: number, limits: IsolationLimits): Runs | undefined {
  const passed = remembered.get(key)
  if (passed === undefined) return undefined
  const { usage } = passed
  const kept =
    passed.rows >= rows &&
    passed.openMs <= limits.openMs &&
    usage.slowestMs <= limits.runMs &&
    usage.peakBytes <= limits.memoryBytes &&
    passed.limits.outputBytes <= limits.outputBytes
  return kept ? passed.runs : undefined
}
