import { fastNormal, fastUniform } from './fast-random.ts'
import type { WeighedRows } from './weighed.ts'

/** Both sides, drawn from the same source unless they are moved. */
export interface WeighedScenario {
  readonly name: string
  /** At least this share alerts if every row counts as one. */
  readonly naive?: number
  /** At least this share alerts at 1 % when values moved by 0.5. */
  readonly finds?: number
  draw(seed: number, moved: number): { readonly reference: WeighedRows; readonly current: WeighedRows }
}

interface Draws {
  readonly normal: () => number
  readonly chance: () => number
}

type Source = (draws: Draws, rows: number, moved: number) => WeighedRows

function sides(reference: number, current: number, source: Source): WeighedScenario['draw'] {
  return (seed, moved) => {
    const draws = { normal: fastNormal(seed), chance: fastUniform(seed + 7_777_777) }
    return { reference: source(draws, reference, 0), current: source(draws, current, moved) }
  }
}

function rowsOf(rows: number, draw: () => readonly [WeighedRows['values'][number], number]): WeighedRows {
  const drawn = Array.from({ length: rows }, draw)
  return { values: drawn.map(([value]) => value), weights: drawn.map(([, weight]) => weight), entity: null }
}

const logNormal: Source = ({ normal }, rows, moved) => rowsOf(rows, () => [normal() + moved, Math.exp(normal())])

/** Heavy rows have large values. */
const withValues: Source = ({ normal }, rows, moved) =>
  rowsOf(rows, () => {
    const z = normal()
    return [z + moved, Math.exp(0.7 * z + 0.7 * normal())]
  })

/** A log that keeps all of what is rare and one in a hundred of the rest. */
const sampledLog: Source = ({ normal, chance }, rows, moved) =>
  rowsOf(rows, () => (chance() < 0.3 ? [normal() + 2 + moved, 1] : [normal() + moved, 100]))

const categories: Source = ({ normal, chance }, rows, moved) =>
  rowsOf(rows, () => {
    const weight = Math.exp(normal())
    if (chance() < 0.05) return [null, weight]
    return [`c${Math.floor(chance() ** (1 + moved) * 30)}`, weight]
  })

/** Weights are seen like any other column. */
const ofItself: Source = ({ normal }, rows, moved) =>
  rowsOf(rows, () => {
    const weight = Math.exp(normal() * (1 + moved))
    return [weight, weight]
  })

/** Every entity has a level and a weight of its own, such as a customer's share of the turnover. */
function ofEntities(perEntity: readonly [number, number], entities: number): WeighedScenario['draw'] {
  return (seed, moved) => {
    const normal = fastNormal(seed)
    const side = (rows: number, shift: number): WeighedRows => {
      const drawn = Array.from({ length: entities }, (_, entity) => {
        const [level, weight] = [normal(), Math.exp(normal())]
        return Array.from({ length: rows }, () => ({
          entity,
          weight,
          value: 0.6 * level + 0.8 * normal() + shift,
        }))
      }).flat()
      return {
        values: drawn.map(({ value }) => value),
        weights: drawn.map(({ weight }) => weight),
        entity: drawn.map(({ entity }) => entity),
      }
    }
    return { reference: side(perEntity[0], 0), current: side(perEntity[1], moved) }
  }
}

export const weighedScenarios: readonly WeighedScenario[] = [
  { name: 'log-normal weights, σ 1', finds: 0.9, draw: sides(2000, 500, logNormal) },
  { name: 'log-normal weights, σ 1, few rows', naive: 0.3, draw: sides(1000, 60, logNormal) },
  { name: 'weights that grow with the values', finds: 0.9, draw: sides(2000, 500, withValues) },
  { name: 'a log that keeps one in a hundred of the frequent rows', finds: 0.9, draw: sides(2000, 500, sampledLog) },
  { name: 'thirty categories, 5 % missing, log-normal weights', naive: 0.7, draw: sides(2000, 500, categories) },
  { name: 'the weights themselves', naive: 0.2, finds: 0.9, draw: sides(2000, 500, ofItself) },
  { name: 'weights that belong to other entities', naive: 0.2, finds: 0.25, draw: ofEntities([20, 7], 60) },
]
