import { createGunzip, createInflate } from 'node:zlib'
import type { Limits } from '../../desk/limits.ts'
import { Problem } from '../../desk/problem.ts'
import type { Body } from './body.ts'
import { codingOf, once, tooLarge, type Coding } from './body-checks.ts'
import type { Held } from './held-bytes.ts'

/**
 * A body as it was before its sender compressed it. It is decompressed on the threads of zlib, in chunks that are counted like
 * arriving ones, and not beyond the limit of a body.
 *
 * @param encoding the request's Content-Encoding, which the body has checked
 */
export function inflated(body: Body, encoding: string | undefined, limits: Limits, held: Held): Body {
  const coding = codingOf(encoding)
  if (coding !== 'gzip' && coding !== 'deflate') return body
  const { promise, resolve, reject } = Promise.withResolvers<Buffer<ArrayBuffer>>()
  let stop: ((problem: unknown) => boolean) | undefined
  let bytes = 0
  async function start(given: Compression): Promise<void> {
    stop = inflate(given, await body.bytes, { resolve, reject, take })
  }
  start(coding).catch(reject)

  function take(chunk: Buffer): Problem | undefined {
    if (bytes + chunk.length > limits.bodyBytes) return tooLarge(`more than ${limits.bodyBytes}`, limits)
    if (!held.take(chunk.length)) return held.refusal(chunk.length)
    bytes += chunk.length
    return undefined
  }

  return {
    bytes: promise,
    abort: (problem) => body.abort(problem) || stop?.(problem) === true,
    release: once(() => {
      held.give(bytes)
      body.release()
    }),
  }
}

type Compression = Exclude<Coding, 'identity'>

interface Into {
  resolve(bytes: Buffer<ArrayBuffer>): void
  reject(problem: unknown): void
  /** Counts a chunk, or says why it is one too many. */
  take(chunk: Buffer): Problem | undefined
}

/** Returns what ends it early; that is false when it has ended already. */
function inflate(coding: Compression, compressed: Buffer, into: Into): (problem: unknown) => boolean {
  const chunkSize = chunkSizeOf(compressed.length)
  const stream = coding === 'gzip' ? createGunzip({ chunkSize }) : createInflate({ chunkSize })
  const chunks: Buffer<ArrayBuffer>[] = []
  let settled = false
  const fail = (problem: unknown): boolean => {
    if (settled) return false
    settled = true
    stream.destroy()
    into.reject(problem)
    return true
  }
  stream.on('data', (chunk: Buffer<ArrayBuffer>) => {
    if (settled) return
    const problem = into.take(chunk)
    if (problem === undefined) chunks.push(chunk)
    else fail(problem)
  })
  stream.on('end', () => {
    if (settled) return
    settled = true
    const [first] = chunks
    into.resolve(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks))
  })
  stream.on('error', (error) => void fail(damaged(coding, error)))
  stream.end(compressed)
  return fail
}

/** Each chunk goes through the threads of zlib, where it waits on a busy machine; a large one is memory that a short body leaves unused. */
function chunkSizeOf(compressed: number): number {
  return Math.min(262_144, Math.max(16_384, compressed * 16))
}

function damaged(coding: Coding, { message }: Error): Problem {
  const cut = message === 'unexpected end of file'
  const what = cut ? `ends before its ${coding} data does` : `is not ${coding} data (${message})`
  return new Problem(400, 'BODY_NOT_INFLATED', `The body ${what}, as its Content-Encoding says. Compress it again.`)
}
