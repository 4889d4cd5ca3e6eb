import { fastNormal, fastUniform } from './fast-random.ts'
import type { Rows } from './report.ts'

const DAY = 86_400

/** What an unchanged source looks like: reference and window are drawn from it again for each report. */
export interface Scenario {
  readonly name: string
  /** Whether windows are compared with the same weekdays. @default false */
  readonly sameWeekday?: boolean
  draw(seed: number, columns: number): { readonly reference: Rows; readonly current: Rows }
}

export interface PanelOptions {
  readonly entities: number
  readonly days: number
  readonly window: number
  /** Shares of the variance: what an entity keeps, what all entities share on a day; the rest is its own, from day to day. */
  readonly lasting: number
  readonly common: number
  /** Correlation from one day to the next, of the common part and of the entity's own. */
  readonly memory: number
  /** Whether the window is about the reference's entities or about others of the same kind. */
  readonly same: boolean
  /** Added to all values of a day, in σ. */
  readonly season?: (day: number) => number
  /** Days between the end of the reference and the window. @default 0 */
  readonly gap?: number
  /** Share of nulls. */
  readonly missing?: number
  /** Turns a normal number into a value. */
  readonly shape?: (z: number) => number
  /** Whether all columns share the same days, so that they move together. @default false */
  readonly together?: boolean
}

/** Entities seen every day: a reference of days, and then a window right after it. */
export function panel(options: PanelOptions): Scenario['draw'] {
  const { entities, days, window, lasting, common, memory, same, missing = 0, shape = (z) => z } = options
  const { season = () => 0, gap = 0, together = false } = options
  return (seed, columns) => {
    const draw = fastNormal(seed)
    const chance = fastUniform(seed + 7_777_777)
    const all = days + gap + window
    const groups = same ? entities : 2 * entities
    const kept = Math.sqrt(1 - memory ** 2)
    const [ofEntity, ofDay, own] = [Math.sqrt(lasting), Math.sqrt(common), Math.sqrt(1 - lasting - common)]
    const series = (): number[] => {
      const values = [draw()]
      while (values.length < all) values.push(memory * (values.at(-1) ?? 0) + kept * draw())
      return values
    }
    const sides = [0, days + gap].map((first, side) => {
      const length = side === 0 ? days : window
      const offset = side === 1 && !same ? entities : 0
      return { first, length, offset, values: Array.from({ length: columns }, (): (number | null)[] => []) }
    })
    const shared = together ? series() : null
    for (let column = 0; column < columns; column += 1) {
      const day = shared ?? (common === 0 ? [] : series())
      for (let entity = 0; entity < groups; entity += 1) {
        const level = ofEntity * draw()
        const wave = series()
        for (const { first, length, offset, values } of sides) {
          if (entity < offset || entity >= offset + entities) continue
          for (let at = first; at < first + length; at += 1) {
            const z = level + own * (wave[at] ?? 0) + ofDay * (day[at] ?? 0) + season(at)
            values[column]?.push(missing > 0 && chance() < missing ? null : shape(z))
          }
        }
      }
    }
    const [reference, current] = sides.map(({ first, length, offset, values }): Rows => {
      const rows = entities * length
      return {
        columns: values,
        entity: Array.from({ length: rows }, (_, row) => offset + Math.floor(row / length)),
        time: Array.from({ length: rows }, (_, row) => (first + (row % length)) * DAY),
      }
    }) as [Rows, Rows]
    return { reference, current }
  }
}

/** Rows that have nothing to do with each other. */
export function independent(
  n: number,
  m: number,
  shape: (z: number) => number = (z) => z,
  missing = 0,
): Scenario['draw'] {
  return (seed, columns) => {
    const draw = fastNormal(seed)
    const chance = fastUniform(seed + 7_777_777)
    const rows = (count: number): Rows => ({
      columns: Array.from({ length: columns }, () =>
        Array.from({ length: count }, () => (missing > 0 && chance() < missing ? null : shape(draw()))),
      ),
      entity: null,
      time: null,
    })
    return { reference: rows(n), current: rows(m) }
  }
}

/** A log-normal tail as heavy as that of consumption and fares. */
export const heavy = (z: number): number => Math.exp(2 * z)

/** Days that all entities share a little. */
const weather = { entities: 300, lasting: 0.3, common: 0.1, memory: 0.5, same: true }

/** One σ more at weekends, and summers one σ above winters. */
export const seasons = (day: number): number =>
  ((day + 3) % 7 >= 5 ? 1 : 0) - 0.5 * Math.cos((2 * Math.PI * day) / 365.25)
/** One σ more at weekends. */
export const weekly = (day: number): number => ((day + 3) % 7 >= 5 ? 1 : 0)

export const scenarios: readonly Scenario[] = [
  { name: 'independent rows, 2 000 against 500', draw: independent(2000, 500) },
  {
    name: '300 entities × 90 autocorrelated days against the next 7 days',
    draw: panel({ entities: 300, days: 90, window: 7, lasting: 0.4, common: 0, memory: 0.8, same: true }),
  },
  {
    name: 'the same, all entities share days (weather)',
    draw: panel({ entities: 300, days: 90, window: 7, lasting: 0.3, common: 0.3, memory: 0.5, same: true }),
  },
  {
    name: 'the same, against one day',
    draw: panel({ entities: 300, days: 90, window: 1, lasting: 0.3, common: 0.3, memory: 0.5, same: true }),
  },
  {
    name: '300 other entities',
    draw: panel({ entities: 300, days: 90, window: 7, lasting: 0.6, common: 0, memory: 0.8, same: false }),
  },
  { name: 'heavy tails', draw: independent(2000, 500, heavy) },
  { name: '2 % missing', draw: independent(2000, 500, (z) => z, 0.02) },
  {
    name: '12 other entities × 60 days against 14 days',
    draw: panel({ entities: 12, days: 60, window: 14, lasting: 0.3, common: 0, memory: 0.5, same: false }),
  },
  {
    name: 'weekly season, 300 entities × 91 days against the same weekdays of 3 days',
    draw: panel({ ...weather, days: 91, window: 3, season: weekly }),
    sameWeekday: true,
  },
  {
    name: 'weekly and yearly season, 4 weeks against the same weeks a year ago',
    draw: panel({ ...weather, days: 28, gap: 336, window: 28, season: seasons }),
  },
  {
    name: 'weekly and yearly season, a week against that of a year ago',
    draw: panel({ ...weather, days: 7, gap: 357, window: 7, season: seasons }),
  },
]

/** Smaller ones, for reports on many columns. */
export const wideScenarios: readonly Scenario[] = [
  { name: 'independent rows, 2 000 against 500, 2 % missing', draw: independent(2000, 500, (z) => z, 0.02) },
  { name: 'heavy tails', draw: independent(2000, 500, heavy) },
  {
    name: '60 other entities × 60 days against 7 days',
    draw: panel({ entities: 60, days: 60, window: 7, lasting: 0.6, common: 0, memory: 0.8, same: false }),
  },
  {
    name: '60 entities × 60 days, which share days, against one day',
    draw: panel({ ...weather, entities: 60, common: 0.3, days: 60, window: 1 }),
  },
  {
    name: 'weekly and yearly season, 60 entities, 4 weeks against the same weeks a year ago',
    draw: panel({ ...weather, entities: 60, days: 28, gap: 336, window: 28, season: seasons }),
  },
  {
    name: '60 entities × 60 autocorrelated days against the next 7 days',
    draw: panel({ entities: 60, days: 60, window: 7, lasting: 0.4, common: 0, memory: 0.8, same: true }),
  },
  {
    name: '60 entities × 60 days, all columns share the same days (weather), against 7 days',
    draw: panel({ ...weather, entities: 60, common: 0.3, days: 60, window: 7, together: true }),
  },
  {
    name: '12 other entities × 60 days against 14 days, 2 % missing',
    draw: panel({
      entities: 12,
      days: 60,
      window: 14,
      lasting: 0.3,
      common: 0,
      memory: 0.5,
      same: false,
      missing: 0.02,
    }),
  },
  {
    name: 'weekly season, 60 entities × 91 days against the same weekdays of 3 days',
    draw: panel({ ...weather, entities: 60, days: 91, window: 3, season: weekly }),
    sameWeekday: true,
  },
]
