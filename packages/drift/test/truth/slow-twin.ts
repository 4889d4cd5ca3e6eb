/** A labelled prediction of a cluster. */
export interface Observed {
  readonly c: string
  readonly y: number
  readonly p: number
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

const yes = ({ p }: Observed): number => (p >= 0.5 ? 1 : 0)
const chance = (p: number): number => Math.min(1 - 1e-15, Math.max(1e-15, p))

/** Every metric as its definition reads, from rows. */
export const slow: Readonly<Record<string, (rows: readonly Observed[]) => number>> = {
  accuracy: (rows) => mean(rows.map((row) => (yes(row) === row.y ? 1 : 0))),
  precision: (rows) => mean(rows.filter((row) => yes(row) === 1).map(({ y }) => y)),
  recall: (rows) => mean(rows.filter(({ y }) => y === 1).map(yes)),
  f1: (rows) => {
    const [a, b] = [slow['precision']?.(rows) ?? 0, slow['recall']?.(rows) ?? 0]
    return (2 * a * b) / (a + b)
  },
  logLoss: (rows) => mean(rows.map(({ y, p }) => -Math.log(y === 1 ? chance(p) : 1 - chance(p)))),
  brier: (rows) => mean(rows.map(({ y, p }) => (y - p) ** 2)),
  auc: (rows) => {
    const [ones, zeros] = [rows.filter(({ y }) => y === 1), rows.filter(({ y }) => y === 0)]
    return mean(ones.flatMap((a) => zeros.map((b) => (a.p > b.p ? 1 : a.p === b.p ? 0.5 : 0))))
  },
  calibrationError: (rows) => {
    const bins = [...Map.groupBy(rows, ({ p }) => Math.min(9, Math.floor(p * 10))).values()]
    const gap = sum(bins.map((bin) => Math.abs(sum(bin.map(({ y, p }) => y - p)))))
    const noise = sum(bins.map((bin) => Math.sqrt((2 / Math.PI) * sum(bin.map(({ p }) => p * (1 - p))))))
    return (gap - noise) / rows.length
  },
  mae: (rows) => mean(rows.map(({ y, p }) => Math.abs(p - y))),
  rmse: (rows) => Math.sqrt(mean(rows.map(({ y, p }) => (p - y) ** 2))),
  wape: (rows) => sum(rows.map(({ y, p }) => Math.abs(p - y))) / sum(rows.map(({ y }) => Math.abs(y))),
  bias: (rows) => mean(rows.map(({ y, p }) => p - y)),
  relativeBias: (rows) => sum(rows.map(({ y, p }) => p - y)) / sum(rows.map(({ y }) => Math.abs(y))),
}

/** The standard error by leaving out one cluster after the other. */
export function jackknife(rows: readonly Observed[], value: (rows: readonly Observed[]) => number): number {
  const clusters = [...new Set(rows.map(({ c }) => c))]
  const without = clusters.map((left) => value(rows.filter(({ c }) => c !== left)))
  const middle = mean(without)
  return Math.sqrt(((clusters.length - 1) / clusters.length) * sum(without.map((one) => (one - middle) ** 2)))
}
