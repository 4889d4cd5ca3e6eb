import type { Tensors } from '../onnx-runtime.ts'
import type { RawOutput } from '../ort-session.ts'

/** A request to a model's process; it gets one at a time. */
export type ModelRequest =
  | { readonly kind: 'open'; readonly model: Uint8Array }
  | { readonly kind: 'run'; readonly feeds: Tensors; readonly fetches: readonly string[]; readonly outputBytes: number }

/** The answer of a model's process. `runMs` is the time in the runtime. */
export type ModelReply =
  | { readonly kind: 'opened'; readonly residentBytes: number }
  | { readonly kind: 'answered'; readonly outputs: Readonly<Record<string, RawOutput>>; readonly runMs: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'too large'; readonly bytes: number }
  | { readonly kind: 'no runtime'; readonly message: string }
