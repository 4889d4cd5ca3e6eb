import { isoInstant } from './instant.ts'

/** Seconds, to the millisecond. */
export function ageSeconds(time: bigint, now: bigint): number {
  return Math.round(Number(now - time) / 1000) / 1000
}

/** Makes `{"time":…,"ageSeconds":…}`. Rows of one answer mostly share it, so the last one is kept. */
export function viewTimes(): (time: bigint | undefined, now: bigint) => Uint8Array {
  const none = Buffer.from('null')
  let lastTime = -1n
  let lastNow = -1n
  let last = none
  return (time, now) => {
    if (time === undefined) return none
    if (time !== lastTime || now !== lastNow) {
      last = Buffer.from(`{"time":"${isoInstant(time)}","ageSeconds":${ageSeconds(time, now)}}`)
      lastTime = time
      lastNow = now
    }
    return last
  }
}
