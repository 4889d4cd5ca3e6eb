import { createHash } from 'node:crypto'
import type { RedisArgument } from './connection.ts'

/**
 * KEYS: the table's generation, then one key a row. ARGV: the generation the keys belong to, then for each row its
 * bytes and the Unix millisecond it may go ('' for never). Answers how many rows were taken, or the generation when
 * it is another one. Times are compared as two halves: a Lua number holds 53 bits.
 */
const SCRIPT = `
local generation = redis.call('GET', KEYS[1]) or '0'
if generation ~= ARGV[1] then return generation end
local taken = 0
for i = 2, #KEYS do
  local bytes, expiry = ARGV[i * 2 - 2], ARGV[i * 2 - 1]
  local stored = redis.call('GETRANGE', KEYS[i], 0, 7)
  local newer = true
  if #stored == 8 then
    local high, low = struct.unpack('>i4I4', bytes)
    local storedHigh, storedLow = struct.unpack('>i4I4', stored)
    newer = high > storedHigh or (high == storedHigh and low >= storedLow)
  end
  if newer then
    if expiry == '' then redis.call('SET', KEYS[i], bytes) else redis.call('SET', KEYS[i], bytes, 'PXAT', expiry) end
    taken = taken + 1
  end
end
return taken
`

const SHA = createHash('sha1').update(SCRIPT).digest('hex')

/** Runs the script over a batch, by its hash when the server knows it. */
export async function putNewer(
  send: (args: readonly RedisArgument[]) => Promise<unknown>,
  keys: readonly RedisArgument[],
  args: readonly RedisArgument[],
): Promise<unknown> {
  const rest = [String(keys.length), ...keys, ...args]
  try {
    return await send(['EVALSHA', SHA, ...rest])
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
    return send(['EVAL', SCRIPT, ...rest])
  }
}

/** The last instant that the server takes, in milliseconds; rows that may go later stay. */
const LAST_EXPIRY = 2n ** 52n

/** The millisecond from which a row may be evicted, as the script takes it: never before its time, rounded up. */
export function expiryOf(time: bigint, keepFor: bigint | undefined): string {
  if (keepFor === undefined) return ''
  const at = (time + keepFor + 999n) / 1000n
  return at > LAST_EXPIRY ? '' : String(at < 1n ? 1n : at)
}
