import type { IncomingMessage } from 'node:http'
import type { Limits } from '../../desk/limits.ts'
import type { Problem } from '../../desk/problem.ts'
import type { Body } from './body.ts'
import { checkBodyHeaders, interrupted, once, tooLarge } from './body-checks.ts'
import type { Held } from './held-bytes.ts'

/** Reads the body of a request to Node's server, counting its bytes as they arrive. */
export function incomingBody(incoming: IncomingMessage, limits: Limits, held: Held): Body {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer<ArrayBuffer>>()
  let first: Buffer<ArrayBuffer> | undefined
  let rest: Buffer<ArrayBuffer>[] | undefined
  let bytes = 0
  let settled = false

  function settle(): void {
    settled = true
    incoming.off('data', onData)
    incoming.off('end', onEnd)
    incoming.off('close', onClose)
  }
  function fail(problem: unknown): boolean {
    if (settled) return false
    settle()
    first = undefined
    rest = undefined
    incoming.pause()
    reject(problem)
    return true
  }
  function onData(chunk: Buffer<ArrayBuffer>): void {
    const problem = refusalOf(chunk)
    if (problem !== undefined) return void fail(problem)
    bytes += chunk.length
    if (first === undefined) first = chunk
    else (rest ??= []).push(chunk)
  }
  function refusalOf(chunk: Buffer): Problem | undefined {
    if (bytes + chunk.length > limits.bodyBytes) return tooLarge(`more than ${limits.bodyBytes}`, limits)
    return held.take(chunk.length) ? undefined : held.refusal(chunk.length)
  }
  function onEnd(): void {
    settle()
    const start = first ?? Buffer.alloc(0)
    resolve(rest === undefined ? start : Buffer.concat([start, ...rest]))
  }
  function onClose(): void {
    fail(interrupted())
  }

  try {
    checkBodyHeaders(incoming.headers['content-encoding'], incoming.headers['content-length'], limits)
    if (incoming.destroyed && !incoming.readableEnded) throw interrupted()
    incoming.on('data', onData)
    incoming.on('end', onEnd)
    incoming.on('close', onClose)
    // This listener stays, so that a late error of the socket is not an unhandled one.
    incoming.on('error', onClose)
  } catch (error) {
    settled = true
    reject(error)
  }
  return { bytes: promise, abort: fail, release: once(() => held.give(bytes)) }
}
