import type { Decided } from './decide.ts'

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

/** `p50 1.2 ms, p99 4.5 ms, longest 6.0 ms` */
export function timesText(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const text = (ms: number): string => `${ms.toFixed(1)} ms`
  return `p50 ${text(percentile(sorted, 0.5))}, p99 ${text(percentile(sorted, 0.99))}, longest ${text(sorted.at(-1) ?? Number.NaN)}`
}

/** What became of the payments, line by line. */
export function decisionLines({ decisions, freshness, latency }: Decided, open: readonly string[]): readonly string[] {
  const own = decisions.filter(({ payment }) => payment.own)
  const grabs = decisions.filter(({ payment }) => !payment.own)
  const stopped = (of: typeof decisions): string => `${of.filter(({ alert }) => alert).length} of ${of.length}`
  return [
    `stopped: ${stopped(grabs)} payments of takeovers, ${stopped(own)} of customers`,
    ...open.map((account) => {
      const scores = grabs
        .filter(({ payment }) => payment.account === account)
        .map(({ score, alert }) => `${score.toFixed(3)}${alert ? ' stopped' : ''}`)
      return `takeover of ${account}, payment by payment: ${scores.join(', ')}`
    }),
    `decisions: ${timesText(latency)}`,
    `freshness, from a push that was answered to features that count it: ${timesText(freshness)} ` +
      `(${freshness.length} pushes, each was seen)`,
  ]
}
