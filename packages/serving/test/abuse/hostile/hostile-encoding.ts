import { crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import type { Draw } from './draw.ts'

/** A body as it is sent, and what its Content-Encoding says about it. */
export interface HostileEncoding {
  readonly kind: string
  readonly coding: string
  readonly body: Buffer
}

const ZEROS = Buffer.alloc(20_000_000)
/** A thousand times as long when they are decompressed. */
const GZIP_BOMB = gzipSync(ZEROS)
const DEFLATE_BOMB = deflateSync(ZEROS)
/** Each of its members is below the limit of a body. */
const MEMBER = gzipSync(ZEROS.subarray(0, 500_000))
const MANY_MEMBERS = Buffer.concat(Array.from({ length: 40 }, () => MEMBER))
/** Decompressed once, it is a short body that is no JSON. */
const NESTED_BOMB = gzipSync(gzipSync(GZIP_BOMB))

/** Compresses a body rightly, wrongly, or sends a bomb in its place. */
export function hostileEncoding(body: Buffer, draw: Draw): HostileEncoding {
  const gzip = gzipSync(body, { level: draw.one([0, 1, 9]) })
  const deflate = deflateSync(body)
  switch (draw.below(16)) {
    case 0:
    case 1:
      return { kind: 'gzip', coding: draw.one(['gzip', 'x-gzip', 'GZIP', ' gzip ']), body: gzip }
    case 2:
      return { kind: 'deflate', coding: 'deflate', body: deflate }
    case 3:
      return { kind: 'gzip bomb', coding: 'gzip', body: GZIP_BOMB }
    case 4:
      return { kind: 'deflate bomb', coding: 'deflate', body: DEFLATE_BOMB }
    case 5:
      return draw.chance(0.3)
        ? { kind: 'bomb of many members', coding: 'gzip', body: MANY_MEMBERS }
        : { kind: 'nested bomb', coding: 'gzip', body: NESTED_BOMB }
    case 6: {
      // Cut anywhere, in the header and in the checksum too.
      const whole = draw.one([gzip, GZIP_BOMB.subarray(0, 2000)])
      return { kind: 'truncated gzip', coding: 'gzip', body: whole.subarray(0, draw.below(whole.length)) }
    }
    case 7:
      return { kind: 'truncated deflate', coding: 'deflate', body: deflate.subarray(0, draw.below(deflate.length)) }
    case 8: {
      const flipped = Buffer.from(draw.one([gzip, deflate]))
      const at = draw.below(flipped.length)
      flipped[at] = (flipped[at] ?? 0) ^ (1 << draw.below(8))
      return { kind: 'a bit flipped', coding: draw.one(['gzip', 'deflate']), body: flipped }
    }
    case 9:
      return { kind: 'nested gzip', coding: 'gzip', body: gzipSync(gzip) }
    case 10:
      return {
        kind: 'more after gzip',
        coding: 'gzip',
        body: Buffer.concat([gzip, draw.one([draw.bytes(40), gzip, Buffer.alloc(40)])]),
      }
    case 11: {
      // The checksum and the length at the end are lies.
      const lying = Buffer.from(gzip)
      lying.writeUInt32LE(crc32(draw.bytes(4)), lying.length - 8)
      lying.writeUInt32LE(draw.one([0, 1, 0xffffffff]), lying.length - 4)
      return { kind: 'lying gzip trailer', coding: 'gzip', body: lying }
    }
    case 12:
      return { kind: 'not zlib data', coding: 'deflate', body: draw.one([deflateRawSync(body), gzip]) }
    case 13:
      return { kind: 'not compressed', coding: draw.one(['gzip', 'deflate']), body }
    case 14:
      return {
        kind: 'another coding',
        coding: draw.one(['br', 'zstd', 'compress', 'x', 'gzip, gzip, gzip', 'gzip,', '', 'identity;q=1']),
        body: gzip,
      }
    default:
      return { kind: 'identity', coding: 'identity', body: draw.one([body, gzip]) }
  }
}
