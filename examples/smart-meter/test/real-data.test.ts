import { expect, test } from 'vitest'
import { hasData } from '../real/shared-data.ts'
import { runTrial, trials } from '../real/trials.ts'
import { openMart } from '../src/open-mart.ts'

const london = trials.find(({ data }) => data === 'lcl_smart_meters')

test.skipIf(!hasData('lcl_smart_meters'))(
  'real households of an autumn: smaller loss than both baselines, and intervals that hold',
  async () => {
    await using warehouse = await openMart()
    if (london === undefined) throw new Error('the trial is gone')
    const { overall, byHorizon, days } = await runTrial(
      { ...london, from: '2013-10-01', options: { blocks: 2 } },
      warehouse,
    )
    const [model, ...baselines] = overall
    if (model === undefined) throw new Error('the model was not judged')
    expect(days).toBe(14)
    expect(byHorizon).toHaveLength(48)
    expect(model.rows).toBeGreaterThan(2500)
    for (const { wape, pinball } of baselines) {
      expect(model.wape).toBeLessThan(wape)
      expect(model.pinball).toBeLessThan(pinball)
    }
    expect(Math.abs(model.coverage - 0.8)).toBeLessThan(0.05)
  },
)
