import { createHash } from 'node:crypto'
import type { RedisArgument } from './connection.ts'
import type { RedisServer } from './redis-server.ts'

/** A script, sent by its hash where the server knows it. */
export interface RedisScript {
  readonly text: string
  readonly sha: string
}

function script(text: string): RedisScript {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}

/**
 * KEYS: position, border, newest time, offsets and journal of the source; then for each event its id, and for each of its
 * tails the tail and the set of the table's keys. ARGV: how long ids are known in µs and in ms, the number of events and the
 * number of offsets; then for each offset its origin, its value and what has to be there before: an offset, nothing (empty)
 * or whatever it is (`*`); then for each event when it came, its journal entry and its number of tails, and for each tail its
 * key, its time as 20 digits and the entry behind position and border. Answers the position, then the repeated ones; or
 * `moved` with the origin and the offset that is there.
 *
 * Numbers of 64 bits are written in two halves: a Lua number holds 53 bits.
 */
export const APPEND: RedisScript = script(`
local function long(number)
  return struct.pack('>I4I4', math.floor(number / 4294967296), number % 4294967296)
end
local offsets = tonumber(ARGV[4])
for at = 5, 4 + offsets * 3, 3 do
  local stored = redis.call('HGET', KEYS[4], ARGV[at]) or ''
  if ARGV[at + 2] ~= '*' and ARGV[at + 2] ~= stored then return {'moved', ARGV[at], stored} end
end
for at = 5, 4 + offsets * 3, 3 do redis.call('HSET', KEYS[4], ARGV[at], ARGV[at + 1]) end
local position = tonumber(redis.call('GET', KEYS[1]) or '0')
local border = long(tonumber(redis.call('GET', KEYS[2]) or '0'))
local newest = redis.call('GET', KEYS[3]) or ''
local before = newest
local remember, expiry, count = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local key, at = 5, 4 + offsets * 3
local answer = {''}
for index = 1, count do
  local arrived, entry, tails = ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3])
  at = at + 3
  key = key + 1
  local known = redis.call('GET', KEYS[key])
  if known and tonumber(arrived) - tonumber(known) <= remember then
    table.insert(answer, index - 1)
    key = key + tails * 2
    at = at + tails * 3
  else
    redis.call('SET', KEYS[key], arrived, 'PX', expiry)
    position = position + 1
    redis.call('XADD', KEYS[5], string.format('%.0f-1', position), 'e', entry)
    for tail = 1, tails do
      redis.call('RPUSH', KEYS[key + 1], long(position) .. border .. ARGV[at + 3])
      redis.call('SADD', KEYS[key + 2], ARGV[at + 1])
      if ARGV[at + 2] > newest then newest = ARGV[at + 2] end
      key = key + 2
      at = at + 3
    end
  end
end
redis.call('SET', KEYS[1], string.format('%.0f', position))
if newest ~= before then redis.call('SET', KEYS[3], newest) end
answer[1] = string.format('%.0f', position)
return answer
`)

/** KEYS: position and border of a source. Answers the position. */
export const CHECKPOINT: RedisScript = script(`
local position = redis.call('GET', KEYS[1]) or '0'
redis.call('SET', KEYS[2], position)
return position
`)

/**
 * KEYS: a tail. ARGV: how many parts were folded, the first and the last of them, then what takes their place. Answers 1, or 0
 * where they are not there any more.
 */
export const FOLD: RedisScript = script(`
local count = tonumber(ARGV[1])
if redis.call('LINDEX', KEYS[1], 0) ~= ARGV[2] or redis.call('LINDEX', KEYS[1], count - 1) ~= ARGV[3] then return 0 end
redis.call('LTRIM', KEYS[1], count, -1)
for at = #ARGV, 4, -1 do redis.call('LPUSH', KEYS[1], ARGV[at]) end
return 1
`)

/**
 * KEYS: the set of a table's keys, then tails. ARGV: the position up to which parts go as two halves, then the keys of the
 * tails.
 */
export const DROP: RedisScript = script(`
local high, low = tonumber(ARGV[1]), tonumber(ARGV[2])
for at = 2, #KEYS do
  while true do
    local part = redis.call('LINDEX', KEYS[at], 0)
    if not part then
      redis.call('SREM', KEYS[1], ARGV[at + 1])
      break
    end
    local partHigh, partLow = struct.unpack('>I4I4', part)
    if partHigh > high or (partHigh == high and partLow > low) then break end
    redis.call('LPOP', KEYS[at])
  end
end
return 1
`)

/** KEYS: the set of a table's keys, then tails. ARGV: the keys of the tails. Answers how many there were. */
export const REMOVE: RedisScript = script(`
local removed = 0
for at = 2, #KEYS do
  removed = removed + redis.call('DEL', KEYS[at])
  redis.call('SREM', KEYS[1], ARGV[at - 1])
end
return removed
`)

/** Runs a script, by its hash when the server knows it. */
export async function runScript(
  { send }: RedisServer,
  { text, sha }: RedisScript,
  keys: readonly RedisArgument[],
  args: readonly RedisArgument[],
): Promise<unknown> {
  const rest = [String(keys.length), ...keys, ...args]
  try {
    return await send(['EVALSHA', sha, ...rest])
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
    return send(['EVAL', text, ...rest])
  }
}
