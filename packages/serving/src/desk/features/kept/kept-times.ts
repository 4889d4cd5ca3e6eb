import { JsonBytes } from '../../json/json-bytes.ts'
import { ageSeconds, type WriteTime } from '../view-times.ts'

/** The times of kept rows, which are written anew in every answer because ages grow. */
export interface KeptTimes {
  /** Writes the times of one row, in microseconds from `first` on; NaN for none. */
  write(out: JsonBytes, times: Float64Array, first: number, now: bigint): void
  /** The next row is counted, whatever was written last. */
  forget(): void
}

/**
 * Rows mostly share their times, and requests of one millisecond the ages, so the last text is used again.
 *
 * @param labels the name of each view, with its colon and the comma in front
 * @param aged called with the age of each view's row, in seconds, but not again for the same ones
 */
export function keptTimes(
  labels: readonly Uint8Array[],
  writeTime: WriteTime,
  aged: (view: number, seconds: number) => void,
): KeptTimes {
  const text = new JsonBytes(4096)
  const last = new Float64Array(labels.length)
  let lastNow: bigint | undefined

  function isLast(times: Float64Array, first: number): boolean {
    for (let view = 0; view < last.length; view++) if (!Object.is(times[first + view], last[view])) return false
    return true
  }

  function make(times: Float64Array, first: number, now: bigint): void {
    text.clear()
    for (let view = 0; view < last.length; view++) {
      const micros = times[first + view] ?? Number.NaN
      const time = Number.isNaN(micros) ? undefined : BigInt(micros)
      last[view] = micros
      text.raw(labels[view] ?? NO_LABEL)
      writeTime(text, time, now)
      if (time !== undefined) aged(view, ageSeconds(time, now))
    }
    lastNow = now
  }

  return {
    write(out, times, first, now) {
      if (now !== lastNow || !isLast(times, first)) make(times, first, now)
      out.copy(text.bytes, 0, text.length)
    },
    forget() {
      lastNow = undefined
    },
  }
}

const NO_LABEL = Buffer.alloc(0)
