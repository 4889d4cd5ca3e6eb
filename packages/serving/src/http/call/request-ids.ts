import { randomBytes } from 'node:crypto'
import type { Call } from './call.ts'

/** Keeps the id that a caller gives its request when it is a valid one, and makes one otherwise. */
export function requestIds(): (call: Call) => string {
  const prefix = randomBytes(6).toString('hex')
  let count = 0
  return (call) => {
    const given = call.header('x-request-id')
    if (given !== undefined && /^[\w.:/+=-]{1,128}$/.test(given)) return given
    return `${prefix}-${(count++).toString(36)}`
  }
}
