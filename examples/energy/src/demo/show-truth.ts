import type { DriftResult } from '@martlet/drift'
import { count, kwh, percent } from './format.ts'
import type { Narrator } from './narrator.ts'

/** How good logged forecasts turned out to be, window by window, beside the simplest one. */
export function showTruth(say: Narrator, { monitor, sentence, windows }: DriftResult): void {
  say.line(`${monitor}: ${sentence}`)
  say.table(
    ['forecasts of', 'WAPE', 'same as yesterday', 'mean error', 'bias', 'labels'],
    windows.map(({ from, to, performance }) => {
      const metrics = performance?.groups.find(({ segment }) => segment === null)?.metrics ?? []
      const metric = (name: string) => metrics.find((one) => one.metric === name)
      return [
        `${from?.slice(0, 10)} … ${to?.slice(0, 10)}`,
        percent(metric('wape')?.value ?? Number.NaN),
        percent(metric('wape')?.baseline?.value ?? Number.NaN),
        `${kwh(metric('mae')?.value ?? Number.NaN)} kWh`,
        percent(metric('relativeBias')?.value ?? Number.NaN),
        `${count(performance?.coverage.labelled ?? 0)} of ${count(performance?.coverage.predictions ?? 0)}`,
      ]
    }),
  )
}
