import { higherIsBetter } from '../../estimate/performance-estimate.ts'
import { performanceWords } from '../../verdict/performance-words.ts'
import type { WindowResult } from '../../verdict/result.ts'
import type { ReportSeries, SeriesPoint } from './report-series.ts'

/** The estimates of windows as lines, each with its band and what the reference had. */
export function estimateSeries(windows: readonly WindowResult[]): readonly ReportSeries[] {
  const names = [...new Set(windows.flatMap(({ estimate }) => estimate?.metrics ?? []).map(({ metric }) => metric))]
  return names.flatMap((name): readonly ReportSeries[] => {
    const points = windows.flatMap(({ from, to, estimate }): readonly SeriesPoint[] => {
      const found = estimate?.metrics.find(({ metric }) => metric === name)
      if (from === null || to === null || found === undefined) return []
      const { value, low, high, reference, change } = found
      return [{ from, to, value, low, high, compared: reference, ...(change === 'worse' ? { alert: 'warn' } : {}) }]
    })
    if (points.filter(({ value }) => value !== null).length < 2) return []
    const sentence = higherIsBetter(name) ? 'Higher is better.' : 'Lower is better.'
    return [{ title: performanceWords[name], sentence, comparedWith: 'the reference', points }]
  })
}
