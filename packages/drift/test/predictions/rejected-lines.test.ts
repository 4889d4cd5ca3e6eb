import { expect, it } from 'vitest'
import { RejectedLines } from '../../src/predictions/rejected-lines.ts'

const hour = (at: number): Date => new Date(Date.UTC(2026, 0, 1, at))
const bad = (line: number) => ({ file: 'a.jsonl', line, reason: 'it is not JSON' })

it('counts lines in the window of the line before them, the first ones in that of the line behind', () => {
  const rejected = new RejectedLines()
  rejected.add(bad(1))
  rejected.passed(hour(0))
  rejected.add(bad(3))
  rejected.add(bad(4))
  rejected.passed(hour(1))
  rejected.add(bad(6))
  expect(rejected.within({ from: hour(0), to: hour(1) }, false)).toEqual({ lines: 3, first: bad(1) })
  expect(rejected.within({ from: hour(1), to: hour(2) }, true)).toEqual({ lines: 1, first: bad(6) })
  expect(rejected.within({ from: hour(2), to: hour(3) }, true)).toBeUndefined()
})

it('counts every line of a log in which every second one is broken', () => {
  const rejected = new RejectedLines()
  for (let line = 0; line < 50_000; line += 1) {
    rejected.passed(hour(line))
    rejected.add(bad(line))
  }
  expect(rejected.within(null, true)?.lines).toBe(50_000)
  expect(rejected.within({ from: hour(7), to: hour(9) }, false)).toEqual({ lines: 2, first: bad(7) })
})
