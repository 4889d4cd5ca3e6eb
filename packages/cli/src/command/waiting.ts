import { MartletError, type Waiting } from '@martlet/warehouse'
import type { Terminal } from '../terminal/terminal.ts'
import { ageWords } from '../terminal/words.ts'

const UNIT_MILLIS = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
])

/**
 * What `--wait 10m` means.
 * @throws MartletError USAGE when it is not a length of time
 */
export function waitingOf(length: string | undefined, terminal: Terminal, signal: AbortSignal): Waiting | undefined {
  if (length === undefined) return undefined
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)([smh])$/.exec(length) ?? []
  const millis = UNIT_MILLIS.get(unit)
  if (count === undefined || millis === undefined)
    throw new MartletError(
      'USAGE',
      `--wait ${length} is not a length of time. Write a number and s, m or h, such as 30s, 10m or 1h.`,
    )
  return {
    milliseconds: Number(count) * millis,
    signal,
    onWait: ({ error, seconds }) => {
      terminal.event({ type: 'waiting', code: error.code, seconds, atMost: (Number(count) * millis) / 1000 })
      const since = seconds < 1 ? `for at most ${length}` : `${ageWords(seconds * 1000)} of at most ${length}`
      terminal.note(`waiting ${since}: ${seconds < 1 ? firstSentence(error.message) : error.code}`)
    },
  }
}

function firstSentence(message: string): string {
  return /^[^]*?(?=\. [A-Z]|; |$)/.exec(message)?.[0] ?? message
}
