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
    let [from, to, age] = [0, 0, -1]
    for (let view = 0; view < last.length; view++) {
      const micros = times[first + view] ?? Number.NaN
      text.raw(labels[view] ?? NO_LABEL)
      // Views mostly share their times, too.
      if (view > 0 && Object.is(micros, last[view - 1])) text.copy(text.bytes, from, to)
      else {
        const time = Number.isNaN(micros) ? undefined : BigInt(micros)
        from = text.length
        writeTime(text, time, now)
        to = text.length
        age = time === undefined ? Number.NaN : ageSeconds(time, now)
      }
      last[view] = micros
      if (!Number.isNaN(age)) aged(view, age)
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
