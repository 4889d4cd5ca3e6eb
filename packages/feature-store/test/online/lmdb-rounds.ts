import type { OnlineRow } from '../../src/online/online-store.ts'

export const KEYS = 500

export const roundKey = (index: number): Uint8Array => new TextEncoder().encode(`customer-${index}`)

/** One value is one number over and over, so that half of a row would show. */
export const roundValue = (time: bigint, seed: number): Uint8Array =>
  new Uint8Array(new BigInt64Array(20 + Number(time % 50n)).fill(time * 1000n + BigInt(seed)).buffer)

/** All keys in an order of their own, each at a time that is not monotonic over rounds; no two seeds share a time. */
export function roundRows(seed: number, round: number): OnlineRow[] {
  return Array.from({ length: KEYS }, (_, step) => {
    const index = (step * 7 + seed * 13 + round) % KEYS
    const time = roundTime(seed, round, index)
    return { key: roundKey(index), time, value: roundValue(time, seed) }
  })
}

export function roundTime(seed: number, round: number, index: number): bigint {
  return BigInt((round * 10 + ((index * 31 + round * 17) % 40)) * 10 + seed)
}
