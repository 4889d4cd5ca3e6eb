import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rowsOf, sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import {
  calibrateClassifier,
  calibrateLoss,
  profileFromJson,
  profileReference,
  profileToJson,
  readProfile,
  runDrift,
  storeProfile,
  toHtml,
  toMarkdown,
  toPrometheus,
  withCalibration,
  type ReferenceProfile,
} from '../../src/index.ts'
import { uniform } from '../random.ts'
import { double, tableOf } from '../tables.ts'

const day = 86_400_000
const start = Date.parse('2026-01-05T00:00:00Z')
const now = new Date(start + 40 * day)
const folder = mkdtempSync(join(tmpdir(), 'martlet-estimates-'))

let warehouse: Warehouse
let profile: ReferenceProfile
beforeAll(async () => {
  warehouse = await openTestWarehouse()
  profile = await profileOf(await tableOfScores(scores(600, 1, 0), true))
})
afterAll(async () => {
  await warehouse.close()
  rmSync(folder, { recursive: true })
})

interface Scored {
  readonly time: Date
  readonly usage: number
  readonly score: number
  readonly truth: number
}

/** Scores that come true as often as they say, twenty an hour; a `blur` makes all of them less certain. */
function scores(count: number, seed: number, first: number, blur = 0): readonly Scored[] {
  const draw = uniform(seed)
  return Array.from({ length: count }, (_, index) => {
    const usage = draw()
    const score = usage * (1 - blur) + 0.5 * blur
    return { time: new Date(start + first + index * 180_000), usage, score, truth: draw() < score ? 1 : 0 }
  })
}

const tableOfScores = (rows: readonly Scored[], labelled: boolean): Promise<string> =>
  tableOf(warehouse, {
    ts: { type: 'timestamp', values: rows.map(({ time }) => time) },
    usage: double(rows.map(({ usage }) => usage)),
    prediction: double(rows.map(({ score }) => score)),
    late: double(rows.map(({ truth }) => (labelled ? truth : null))),
  })

async function profileOf(relation: string): Promise<ReferenceProfile> {
  const made = await profileReference(warehouse, {
    name: 'late',
    relation,
    columns: [
      { name: 'usage', type: 'double' },
      { name: 'prediction', type: 'double', role: 'prediction' },
    ],
    time: 'ts',
    now: new Date(start),
  })
  return withCalibration(
    made,
    await calibrateClassifier(warehouse, { relation, score: 'prediction', label: 'late', time: 'ts' }),
  )
}

const windows = [30, 31].map((at) => ({ from: new Date(start + at * day), to: new Date(start + (at + 1) * day) }))

describe('a monitor that estimates performance', () => {
  it('reads its calibration from the stored profile', async () => {
    await storeProfile(warehouse, profile)
    expect(await readProfile(warehouse, 'late')).toEqual(profile)
    expect(profileFromJson(profileToJson(profile)).calibration).toMatchObject({ kind: 'classifier', rows: 600 })
  })

  it('estimates each window of a prediction log, and finds the one in which the model is worse', async () => {
    const rows = [...scores(480, 2, 30 * day), ...scores(480, 3, 31 * day, 0.9)]
    const log = join(folder, 'predictions.jsonl')
    const lines = rows.map(({ time, usage, score }) => ({ time, values: { usage }, prediction: score }))
    writeFileSync(log, lines.map((line) => JSON.stringify(line)).join('\n'))
    const result = await runDrift({ warehouse, profile, current: { log: [log] }, windows, now, estimate: true })
    const [before, after] = result.windows
    expect(before?.estimate).toMatchObject({ rows: 480, status: 'estimated', from: windows[0]?.from.toISOString() })
    expect(before?.findings).toEqual([])
    expect(before?.estimate?.metrics.map(({ change }) => change)).not.toContain('worse')
    expect(after?.estimate?.metrics.filter(({ change }) => change === 'worse').map(({ metric }) => metric)).toEqual(
      ['accuracy', 'precision', 'recall', 'f1', 'auc', 'logLoss', 'brier'].filter((name) =>
        after?.estimate?.metrics.some(({ metric, change }) => metric === name && change === 'worse'),
      ),
    )
    const found = after?.findings.filter(({ kind }) => kind === 'estimatedPerformance') ?? []
    expect(found.map(({ sentence }) => sentence)).toContainEqual(
      expect.stringMatching(/^Without labels, AUC is estimated at 0\.5/),
    )
    expect(found[0]?.severity).toBe('crit')
    expect(result.exitCode).toBe(1)
    expect(result.sentence).toMatch(/Without labels, AUC is estimated at 0\.5/)
    expect(after?.estimate?.reasons).toEqual([expect.stringContaining('1 of 2 columns changed')])

    const markdown = toMarkdown(result)
    expect(markdown).toContain('### Estimated performance, without labels')
    expect(markdown).toMatch(/\| reference \| 0\.\d+ \|/)
    expect(toHtml(result)).toContain('<h2>Estimated performance, without labels</h2>')
    expect(toPrometheus(result)).toMatch(/martlet_drift_estimated_performance\{monitor="late",metric="auc"\} 0\.5/)
    const recorded = await warehouse.read(
      sql`SELECT value, status FROM monitoring.drift_results WHERE metric = 'estimated_auc' ORDER BY window_from`,
    )
    const aucs = result.windows.map(({ estimate }) => estimate?.metrics.find(({ metric }) => metric === 'auc')?.value)
    expect(rowsOf<{ value: number }>(recorded).map(({ value }) => value)).toEqual(aucs)
  })

  it('tests its assumption on labels that the rows have', async () => {
    const flipped = scores(480, 5, 30 * day).map((row) => ({ ...row, truth: 1 - row.truth }))
    const result = await runDrift({
      warehouse,
      profile,
      current: { relation: await tableOfScores(flipped, true), time: 'ts', ignore: ['late'] },
      windows: windows.slice(0, 1),
      now,
      estimate: true,
      record: false,
    })
    expect(result.windows[0]?.estimate).toMatchObject({
      status: 'doubtful',
      assumption: { verdict: 'broken', rows: 480 },
    })
    expect(result.windows[0]?.findings).toMatchObject([{ kind: 'estimatedPerformance', severity: 'warn' }])
    expect(result.sentence).toContain('Scores no longer come true as in the reference')
  })

  it('without estimate nothing changes, and without a calibration it is refused', async () => {
    const current = { relation: await tableOfScores(scores(100, 7, 30 * day), false), ignore: ['late', 'ts'] }
    const plain = await runDrift({ warehouse, profile, current, now, record: false })
    expect(plain.windows[0]?.estimate).toBeUndefined()
    const { calibration: _, ...bare } = profile
    await expect(runDrift({ warehouse, profile: bare, current, now, estimate: true })).rejects.toMatchObject({
      code: 'CALIBRATION_MISSING',
    })
  })

  it('an estimate of losses goes with features of the profile', async () => {
    const rows = scores(800, 9, 0).map((row) => ({
      ...row,
      truth: row.score + (row.usage > 0.7 ? 3 : 1) * (row.truth - 0.5),
    }))
    const relation = await tableOfScores(rows, true)
    const calibration = await calibrateLoss(warehouse, {
      relation,
      prediction: 'prediction',
      label: 'late',
      features: ['usage'],
    })
    const { calibration: _, ...bare } = profile
    const current = {
      relation: await tableOfScores(
        scores(400, 11, 30 * day).filter(({ usage }) => usage > 0.75),
        false,
      ),
      ignore: ['late', 'ts'],
    }
    const result = await runDrift({
      warehouse,
      profile: withCalibration(bare, calibration),
      current,
      now,
      estimate: true,
      record: false,
    })
    const [mae] = result.windows[0]?.estimate?.metrics ?? []
    expect(mae?.value).toBeGreaterThan(1.4)
    expect(mae?.value).toBeLessThan(1.6)
    expect(mae?.reference).toBeLessThan(0.9)
    expect(() => withCalibration({ ...bare, columns: [] }, calibration)).toThrow('has no column prediction, usage')
  })
})
