import type { ElementType, TensorArrays } from '../artifact/onnx/element-type.ts'

type TensorOf<E extends ElementType> = { readonly element: E; readonly dims: readonly number[]; readonly data: TensorArrays[E] }

/** Values in row-major order. */
export type Tensor = { [E in ElementType]: TensorOf<E> }[ElementType]

export type Tensors = Readonly<Record<string, Tensor>>

/** Something that runs ONNX files: onnxruntime-node, or another back end where that has no binary. */
export interface OnnxRuntime {
  /** Name and version, recorded with what was measured. */
  readonly name: string
  /** Prepares a model; rejects when the back end cannot run it. */
  open(model: Uint8Array): Promise<OnnxSession>
}

/** A model ready to run. Its caller keeps inputs untouched until `run` settles, and releases only when no run is under way. */
export interface OnnxSession {
  run(feeds: Tensors, fetches: readonly string[]): Promise<Tensors>
  release(): Promise<void>
}
