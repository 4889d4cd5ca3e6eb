import type { ElementType, TensorArrays } from '../artifact/onnx/element-type.ts'
import type { IsolationLimits } from './isolated/isolation-limits.ts'
import type { ThreadLimits } from './threaded/thread-limits.ts'

type TensorOf<E extends ElementType> = {
  readonly element: E
  readonly dims: readonly number[]
  readonly data: TensorArrays[E]
}

/** Values in row-major order. */
export type Tensor = { [E in ElementType]: TensorOf<E> }[ElementType]

export type Tensors = Readonly<Record<string, Tensor>>

/** A back end that runs ONNX files: onnxruntime-node, or another one where that has no binary. */
export interface OnnxRuntime {
  /** Its name and version, recorded with measurements. */
  readonly name: string
  /** Prepares a model; rejects when the back end cannot run it. `label` names the model in errors. */
  open(model: Uint8Array, label?: string): Promise<OnnxSession>
  /** The same back end in processes that can be ended. A runtime without this is trusted: every model runs in it directly. */
  isolated?(limits?: Partial<IsolationLimits>): OnnxRuntime
  /** The same back end in threads of this process. A runtime without this runs every model on the calling thread. */
  threaded?(threads?: number, limits?: Partial<ThreadLimits>): OnnxRuntime
}

/** A model ready to run. Callers do not change inputs until `run` has settled, and release only when no run is in progress. */
export interface OnnxSession {
  run(feeds: Tensors, fetches: readonly string[]): Promise<Tensors>
  release(): Promise<void>
  /** What the process of the model has used so far, when it has one of its own. */
  usage?(): ProcessUsage
}

/** What a model has used in a process of its own. */
export interface ProcessUsage {
  /** Time in the runtime, all runs together, milliseconds. */
  readonly runMs: number
  /** The run that took longest there, milliseconds. */
  readonly slowestMs: number
  /** The most memory the process had resident beyond what it had before the model was opened, bytes. */
  readonly peakBytes: number
}
