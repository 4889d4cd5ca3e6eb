import type { Limits } from '../../desk/limits.ts'
import { Problem } from '../../desk/problem.ts'
import type { Body } from './body.ts'
import { checkBodyHeaders, interrupted, once, tooLarge } from './body-checks.ts'
import type { Held } from './held-bytes.ts'

/** Where a body comes from that is not a request to Node's server. */
export interface BodyStream {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>> | null
  header(name: string): string | undefined
  /** Whether a refused stream is cancelled. On Node that would end the connection before the refusal has left. */
  readonly cancels: boolean
}

/** Reads a body from a stream, counting its bytes as they arrive. */
export function streamBody({ stream, header, cancels }: BodyStream, limits: Limits, held: Held): Body {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer<ArrayBuffer>>()
  const reader = stream?.getReader()
  let bytes = 0
  let settled = false

  function fail(problem: unknown): boolean {
    if (settled) return false
    settled = true
    reject(problem)
    // The sender may have failed already. The caller sees the first reason.
    if (cancels) reader?.cancel().catch(() => undefined)
    return true
  }
  async function read(): Promise<void> {
    checkBodyHeaders(header('content-encoding'), header('content-length'), limits)
    const chunks: Uint8Array<ArrayBuffer>[] = []
    while (reader !== undefined && !settled) {
      const { done, value } = await reader.read()
      if (done) break
      if (bytes + value.byteLength > limits.bodyBytes) throw tooLarge(`more than ${limits.bodyBytes}`, limits)
      if (!held.take(value.byteLength)) throw held.refusal(value.byteLength)
      bytes += value.byteLength
      chunks.push(value)
    }
    if (settled) return
    settled = true
    resolve(joined(chunks))
  }
  read().catch((error: unknown) => void fail(error instanceof Problem ? error : interrupted()))
  return { bytes: promise, abort: fail, release: once(() => held.give(bytes)) }
}

/** Most bodies arrive in one chunk, which need not be copied. */
function joined(chunks: readonly Uint8Array<ArrayBuffer>[]): Buffer<ArrayBuffer> {
  const [first] = chunks
  return chunks.length === 1 && first !== undefined
    ? Buffer.from(first.buffer, first.byteOffset, first.byteLength)
    : Buffer.concat(chunks)
}
