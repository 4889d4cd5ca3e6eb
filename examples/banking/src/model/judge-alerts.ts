import type { Judged } from '@martlet/example-logistics/model/judge'

/** Rows from the highest score to the lowest; rows with the same score stay together. */
function tiesOf({ predicted, actual }: Judged): readonly { readonly rows: number; readonly hits: number }[] {
  const order = Array.from({ length: actual.length }, (_, row) => row).toSorted(
    (a, b) => (predicted[b] ?? 0) - (predicted[a] ?? 0),
  )
  const ties: { rows: number; hits: number }[] = []
  let score: number | undefined
  for (const row of order) {
    const last = ties.at(-1)
    const hit = actual[row] === 1 ? 1 : 0
    if (last !== undefined && predicted[row] === score) {
      last.rows += 1
      last.hits += hit
    } else ties.push({ rows: 1, hits: hit })
    score = predicted[row]
  }
  return ties
}

/**
 * Average precision: the mean, over all hits, of the precision down to their score. NaN without a hit.
 *
 * @example averagePrecision({ predicted: [0.9, 0.5], actual: [0, 1] }) // => 0.5
 */
export function averagePrecision(judged: Judged): number {
  let [seen, found, sum] = [0, 0, 0]
  for (const { rows, hits } of tiesOf(judged)) {
    seen += rows
    found += hits
    sum += (hits * found) / seen
  }
  return sum / found
}

/** What an alert on the rows with the highest scores is worth. */
export interface Alerts {
  readonly alerts: number
  /** The share of alerts that are hits. */
  readonly precision: number
  /** The share of hits that get an alert. */
  readonly recall: number
}

/**
 * Alerts on a fixed share of all rows, as many as people can look at. Of rows with the same score that do not all fit, as large a share
 * is expected to be hits as among all of them.
 */
export function alertsAt(judged: Judged, rate: number): Alerts {
  const alerts = Math.max(1, Math.round(judged.actual.length * rate))
  let [left, found, all] = [alerts, 0, 0]
  for (const { rows, hits } of tiesOf(judged)) {
    const taken = Math.min(left, rows)
    found += (hits * taken) / rows
    left -= taken
    all += hits
  }
  return { alerts, precision: found / alerts, recall: found / all }
}
