import { describe, expect, it } from 'vitest'
import { windowsOf } from '../../src/monitor/windows-of.ts'

const now = new Date('2026-03-10T15:20:00Z')
const none = { window: undefined, windows: undefined, until: undefined }
const text = (windows: ReturnType<typeof windowsOf>): readonly string[] | undefined =>
  windows?.map(({ from, to }) => `${from.toISOString().slice(0, 16)} ${to.toISOString().slice(0, 16)}`)

describe('windows of a monitor', () => {
  it('are whole days up to the last midnight, oldest first', () => {
    expect(text(windowsOf({ name: 'm', window: '7d', windows: 2 }, none, now))).toEqual([
      '2026-02-24T00:00 2026-03-03T00:00',
      '2026-03-03T00:00 2026-03-10T00:00',
    ])
  })

  it('shorter than a day end at the last whole window', () => {
    expect(text(windowsOf({ name: 'm', window: '6h', windows: 1 }, none, now))).toEqual([
      '2026-03-10T06:00 2026-03-10T12:00',
    ])
  })

  it('are four when nothing is said, and one when the command line gives a length', () => {
    expect(windowsOf({ name: 'm', window: '1d' }, none, now)).toHaveLength(4)
    expect(text(windowsOf({ name: 'm' }, { ...none, window: '1w' }, now))).toEqual([
      '2026-03-03T00:00 2026-03-10T00:00',
    ])
  })

  it('that begin before all dates are refused', () => {
    for (const window of ['99999999d', '9e9d'.replace('e9', '0'.repeat(400))])
      expect(() => windowsOf({ name: 'm', window }, none, now)).toThrow('earliest date')
  })

  it('are those of the command line when it says something', () => {
    expect(
      text(
        windowsOf(
          { name: 'm', window: '7d' },
          { window: '2026-01-01..2026-02-01T06:00:00Z', windows: undefined, until: undefined },
          now,
        ),
      ),
    ).toEqual(['2026-01-01T00:00 2026-02-01T06:00'])
    expect(
      text(windowsOf({ name: 'm', window: '7d' }, { window: '1d', windows: '2', until: '2026-01-03' }, now)),
    ).toEqual(['2026-01-01T00:00 2026-01-02T00:00', '2026-01-02T00:00 2026-01-03T00:00'])
  })

  it('are all rows at once when there is no length', () => {
    expect(windowsOf({ name: 'm' }, none, now)).toBeUndefined()
  })

  it.each([
    { window: '0d' },
    { window: '7' },
    { window: 'a..b' },
    { windows: '0' },
    { windows: '1.5' },
    { until: 'soon' },
  ])('%j is refused', (choice) => {
    expect(() => windowsOf({ name: 'm', window: '1d' }, { ...none, ...choice }, now)).toThrow(/--window|--until/)
  })
})
