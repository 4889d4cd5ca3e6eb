import { describe, expect, it } from 'vitest'
import { binNumbers, countCategories } from '../src/count/bin-array.ts'
import { profileCategories, profileNumbers, toHtml, type ColumnFacts } from '../src/index.ts'
import { barScale } from '../src/report/html/bar-scale.ts'
import { categoryBars } from '../src/report/html/category-bars.ts'
import { drawnRange } from '../src/report/html/drawn-range.ts'
import { histogram } from '../src/report/html/histogram.ts'
import { middleCut } from '../src/report/html/middle-cut.ts'
import { STYLE } from '../src/report/html/style.ts'
import { columnFacts } from '../src/verdict/column-facts.ts'
import { categoryEvidence } from '../src/monitor/evidence-of.ts'
import { normal, sample } from './random.ts'
import { simulated } from './simulated.ts'

function numbers(values: readonly number[], type: 'double' | 'integer' = 'double'): ColumnFacts {
  const column = profileNumbers({ name: 'x', type }, [...values])
  const rows = { schema: 'martlet.drift.profile/1', name: 'p', createdAt: '', rows: values.length, time: null } as const
  return columnFacts({ ...rows, columns: [column] }, column)
}

const counted = (facts: ColumnFacts, values: readonly number[], nullRate = 0) => ({
  counts: binNumbers([...values], facts.edges, 0).counts,
  nullRate,
})
const total = (shares: readonly number[]): number => shares.reduce((sum, share) => sum + share, 0)

describe('a histogram', () => {
  const draw = normal(3)
  const plain = sample(4000, draw)

  it('of a plain column reaches from its 0.5 to its 99.5 %', () => {
    const facts = numbers(plain)
    const range = drawnRange(facts, facts.reference)
    expect(range?.low).toBeCloseTo(-2.58, 0)
    expect(range?.high).toBeCloseTo(2.58, 0)
  })

  it('of a heavy tail draws the middle wide enough to read, and the tail as one bar with its share', () => {
    const heavy = sample(4000, () => Math.exp(2 * draw()))
    const facts = numbers(heavy)
    const drawn = histogram(facts, counted(facts, heavy), 30)
    const sorted = heavy.toSorted((a, b) => a - b)
    // To the 99.5 % the middle half of the rows would be in the first of 30 cells.
    expect((sorted[3000] ?? 0) / (sorted[3980] ?? 0)).toBeLessThan(1 / 30)
    expect(drawn?.reference.filter((share) => share > 0.01).length).toBeGreaterThan(8)
    expect(drawn?.above[0]).toBeGreaterThan(0.03)
    expect(drawn?.above[0]).toBeLessThan(0.11)
  })

  it('loses no row: cells, both ends and missing ones are the whole, on both sides', () => {
    const facts = { ...numbers(plain), nullRate: 0.1 }
    const drawn = histogram(
      facts,
      counted(
        facts,
        sample(500, () => draw() + 3),
        0.2,
      ),
      30,
    )
    if (drawn === null) throw new Error('nothing was drawn')
    const { reference, current, below, above, missing } = drawn
    expect(total(reference) + below[0] + above[0] + missing[0]).toBeCloseTo(1, 9)
    expect(total(current) + below[1] + above[1] + missing[1]).toBeCloseTo(1, 9)
    expect(missing).toEqual([0.1, 0.2])
    expect(above[1]).toBeGreaterThan(0.4)
  })

  it('of whole numbers has a cell for each, none of which is empty for want of a number', () => {
    const ages = sample(3000, () => Math.round(20 + 4 * draw()))
    const facts = numbers(ages, 'integer')
    const drawn = histogram(facts, counted(facts, ages), 30)
    const middle = drawn?.reference.slice(5, -5) ?? []
    expect(middle.length).toBeGreaterThan(5)
    expect(Math.min(...middle)).toBeGreaterThan(0.003)
  })

  it('of a column that is almost all zeros shows the others, and cuts the bar that towers', () => {
    const rare = Array.from({ length: 4000 }, (_, i) => (i % 50 === 0 ? 1 + (i % 7) : 0))
    const facts = numbers(rare)
    const drawn = histogram(facts, counted(facts, rare), 30)
    if (drawn === null) throw new Error('nothing was drawn')
    const { cut, top } = barScale(drawn)
    expect(cut).toBe(0)
    expect(top).toBeLessThan(0.2)
    expect(drawn.reference[0]).toBeCloseTo(0.98, 2)
  })

  it('of one value has nothing to draw', () => {
    const facts = numbers(sample(50, () => 7))
    expect(histogram(facts, counted(facts, [7, 7]), 30)).toBeNull()
  })
})

describe('the bars of a category column', () => {
  const column = profileCategories({ name: 'tariff', type: 'text' }, [
    ...Array(80).fill('day'),
    ...Array(20).fill('night'),
  ])
  const rows = { schema: 'martlet.drift.profile/1', name: 'p', createdAt: '', rows: 100, time: null } as const
  const facts = columnFacts({ ...rows, columns: [column] }, column)

  it('are named, with unseen values and missing ones apart', () => {
    const { counts } = categoryEvidence(column, countCategories([...Array(30).fill('day'), ...Array(10).fill('new')]))
    expect(categoryBars(facts, { counts, nullRate: 0.2 }, 12)).toEqual([
      { name: 'day', then: 0.8, now: expect.closeTo(0.6, 9), css: 'c' },
      { name: 'night', then: 0.2, now: 0, css: 'c' },
      { name: '(unseen)', then: 0, now: expect.closeTo(0.2, 9), css: 'un' },
      { name: '(missing)', then: 0, now: 0.2, css: 'mi' },
    ])
  })

  it('beyond the largest are one', () => {
    const bars = categoryBars(facts, { counts: facts.reference, nullRate: 0 }, 1)
    expect(bars.map(({ name, then }) => [name, then])).toEqual([
      ['day', 0.8],
      ['(other)', 0.2],
    ])
  })

  it('have long names cut in the middle, where similar names are alike', () => {
    expect(middleCut('short', 20)).toBe('short')
    expect(middleCut('station_of_the_north_gate_3', 20)).toBe('station_of…th_gate_3')
    expect([...middleCut('😀'.repeat(30), 20)]).toHaveLength(20)
  })
})

describe('colours', () => {
  it('of text have a contrast of at least 4.5 on their grounds, of marks at least 3, in both schemes', () => {
    const [light = '', dark = ''] = STYLE.split('@media screen and (prefers-color-scheme:dark)')
    for (const [scheme, text] of [
      ['light', light],
      ['dark', dark.slice(0, dark.indexOf('* {'))],
    ] as const) {
      const colours = new Map([...text.matchAll(/--([\w-]+): (#[\da-f]+)/g)].map(([, name, hex]) => [name, hex]))
      const ratio = (a: string, b: string): number => contrast(colours.get(a) ?? '', colours.get(b) ?? '')
      const texts = ['ink', 'soft', 'crit', 'warn', 'good'].flatMap(
        (name) =>
          [
            [name, 'paper'],
            [name, 'tint'],
          ] as const,
      )
      const tags = (['crit', 'warn', 'good'] as const).map((name) => [name, `${name}-tint`] as const)
      for (const [a, b] of [...texts, ...tags]) expect([scheme, a, b, ratio(a, b) >= 4.5]).toEqual([scheme, a, b, true])
      for (const mark of ['then', 'now-line', 'crit'])
        expect([scheme, mark, ratio(mark, 'paper') >= 3]).toEqual([scheme, mark, true])
      // The line of the reference is seen on the bars.
      expect([scheme, ratio('then', 'now') >= 2.2]).toEqual([scheme, true])
    }
  })
})

describe('older windows', () => {
  it('keep the counts of what changed most, as small pictures, and nothing else', () => {
    const result = simulated(12, 10, undefined, 1)
    const kept = result.windows.map(({ columns }) => columns.filter(({ counts }) => counts.length > 0).length)
    expect(kept).toEqual([0, 0, 6, 6, 6, 6, 6, 6, 6, 12])
    const html = toHtml(result)
    expect(html.match(/class="multi"/g)).toHaveLength(6)
    expect(html.match(/<li class="(crit|warn|calm)"><svg/g)).toHaveLength(6 * 8)
  })
})

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x)
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05)
}

/** Relative luminance, WCAG 2. */
function luminance(hex: string): number {
  const full = hex.length === 4 ? `#${hex.slice(1).replaceAll(/./g, '$&$&')}` : hex
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(full.slice(at, at + 2), 16) / 255
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
