import { describe, expect, it } from 'vitest'
import { alerts } from './report.ts'
import { weighedReport } from './weighed.ts'
import { weighedScenarios } from './weighed-scenarios.ts'

/** At 5 % rather than the default's 1 %, because fewer reports then show the same excess. */
const alpha = 0.05
/** Multiplies the reports of each scenario; the published figures are of `bench/drift/weights.ts`. */
const more = Number(process.env['MARTLET_LAW'] ?? 1)
const repeats = Math.ceil(60 * more)
/** At most 1.5 times α, and three standard errors of that. */
const most = repeats * 1.5 * alpha + 3 * Math.sqrt(repeats * 1.5 * alpha)

describe('reports on weighted rows', () => {
  it.each(weighedScenarios)('$name: unchanged, they alert as often as α says', ({ draw, naive }) => {
    let [found, foundAsEven] = [0, 0]
    for (let seed = 1; seed <= repeats; seed += 1) {
      const { reference, current } = draw(seed, 0)
      if (alerts(weighedReport(reference, current, { alpha }))) found += 1
      if (naive !== undefined && alerts(weighedReport(reference, current, { alpha }, false))) foundAsEven += 1
    }
    expect(found).toBeLessThanOrEqual(most)
    if (naive !== undefined) expect(foundAsEven / repeats).toBeGreaterThan(naive)
  })

  it.each(weighedScenarios.filter(({ finds }) => finds !== undefined))(
    '$name: moved by half a σ, $finds of them alert',
    ({ draw, finds = 0 }) => {
      const found = Array.from({ length: repeats }, (_, index) => draw(500_000 + index, 0.5)).filter(
        ({ reference, current }) => alerts(weighedReport(reference, current, { alpha: 0.01 })),
      )
      expect(found.length / repeats).toBeGreaterThan(finds)
    },
  )
})
