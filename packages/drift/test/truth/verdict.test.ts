import { entity, fact, label } from '@martlet/feature-store'
import { columnBatch, ensureTable, rowsOf, sql, tableRef, type Sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import {
  observationOf,
  runTruth,
  toHtml,
  toJunit,
  toMarkdown,
  toPrometheus,
  type DriftResult,
  type TruthRequest,
} from '../../src/index.ts'
import { runTable } from '../../src/count/run-table.ts'
import { normal, uniform } from '../random.ts'
import { anHourLater, tablesOf, type Pair } from './predicted.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

const DAY = 86_400_000
const first = Date.UTC(2026, 0, 5)
const days = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ from: new Date(first + i * DAY), to: new Date(first + (i + 1) * DAY) }))

/** Predictions of 30 entities, ten a day each, with errors of `spread(day, entity)`. */
function predictions(count: number, spread: (day: number, entity: number) => number, seed = 1): readonly Pair[] {
  const gauss = normal(seed)
  return Array.from({ length: count * 300 }, (_, i) => {
    const [day, who] = [Math.floor(i / 300), i % 30]
    const y = 10 + gauss()
    const p = y + spread(day, who) * gauss()
    return {
      at: new Date(first + day * DAY + (i % 300) * 60_000),
      entity: `c${who}`,
      p,
      y,
      segment: who < 10 ? 'north' : 'south',
    }
  })
}

async function run(name: string, pairs: readonly Pair[], change: Partial<TruthRequest> = {}): Promise<DriftResult> {
  const { table, labels } = await tablesOf(warehouse, name, pairs)
  return runTruth({
    warehouse,
    model: name,
    table,
    keys: ['customer_id'],
    labels: { table: labels, ...anHourLater },
    windows: days(3),
    now: new Date(first + 30 * DAY),
    record: false,
    ...change,
  })
}

const sentences = (result: DriftResult) => result.windows.at(-1)?.findings.map(({ sentence }) => sentence)

describe('verdicts', () => {
  it('nothing is said where nothing changed', async () => {
    const result = await run(
      'same',
      predictions(3, () => 1),
    )
    expect(result.windows.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok'])
    expect(result.exitCode).toBe(0)
    expect(result.sentence).toMatch(
      /^No worse than the reference: mean absolute error 0\.\d+ \(reference 0\.\d+\).*100 % of 300/,
    )
  })
  it('a worse model is found, and where', async () => {
    const result = await run(
      'worse',
      predictions(3, (day, who) => (day === 2 && who < 10 ? 3 : 1)),
      {
        segments: ['usage__region'],
      },
    )
    expect(result).toMatchObject({ status: 'drift', exitCode: 1, since: new Date(first + 2 * DAY).toISOString() })
    expect(sentences(result)).toEqual([
      expect.stringMatching(/^Mean absolute error is .* worse\.$/),
      expect.stringMatching(/^Mean absolute error is worse in north \(.* worse\)\.$/),
    ])
    for (const text of [toHtml(result), toMarkdown(result)]) expect(text).toContain('mean absolute error')
    const muted = await run(
      'worse',
      predictions(3, (day, who) => (day === 2 && who < 10 ? 3 : 1)),
      { mutes: [{ finding: 'performance', until: '2026-07-01', by: 'Ann', reason: 'a new model comes' }] },
    )
    expect(muted).toMatchObject({ status: 'ok', severity: 'info', exitCode: 0, since: null })
    expect(sentences(muted)).toEqual([
      expect.stringMatching(/ worse\. Muted until 2026-07-01 by Ann: a new model comes$/),
    ])
    expect(toJunit(result)).toContain('<testcase classname="performance" name="mae usage__region=north"><failure')
    expect(toJunit(result)).toContain('<testcase classname="performance" name="mae usage__region=south"></testcase>')
    expect(toJunit(result)).toContain('errors="0"')
    const gauge = /^martlet_model_performance\{monitor="worse",metric="mae",segment="usage__region=north"\} \d/m
    expect(toPrometheus(result)).toMatch(gauge)
    expect(toPrometheus(result)).toContain('martlet_model_labelled_ratio{monitor="worse"} 1')
  })
  it('an alert can wait for a second window', async () => {
    const policy = { confirm: { windows: 2, of: 2 } }
    const once = await run(
      'unconfirmed',
      predictions(3, (day) => (day === 2 ? 3 : 1)),
      { policy },
    )
    expect(once).toMatchObject({ status: 'ok', severity: 'info', exitCode: 0 })
    expect(once.sentence).toMatch(/Not confirmed yet: 1 of the 2 windows needed\.$/)
  })
  it('a change that chance may explain is none, however large; a small one is none, however certain', async () => {
    const few = await run(
      'few',
      predictions(2, () => 1).filter((_, i) => i < 300 || i % 9 === 0),
      {
        windows: days(2),
        floors: { mae: { warn: 0.001, crit: 0.002 }, relativeBias: null },
      },
    )
    expect(few.status).toBe('ok')
    const maybe = await run(
      'maybe',
      predictions(2, (day) => (day === 1 ? 1.4 : 1)).filter((_, i) => i < 300 || i % 9 === 0),
      { windows: days(2) },
    )
    expect(maybe).toMatchObject({
      status: 'ok',
      sentence: expect.stringMatching(/^Not clearly worse than the reference: /),
    })
    const certain = await run(
      'certain',
      predictions(2, (day) => (day === 1 ? 3 : 1)),
      {
        windows: days(2),
        floors: { mae: { warn: 5, crit: 9 }, relativeBias: null },
      },
    )
    expect(certain.status).toBe('ok')
    expect(certain.windows.at(-1)?.performance?.groups[0]?.metrics[0]?.q).toBeLessThan(1e-6)
  })
  it('a reference of its own is the yardstick of all windows', async () => {
    const [reference] = days(1)
    if (reference === undefined) throw new Error('no day')
    const result = await run(
      'yardstick',
      predictions(3, (day) => (day === 0 ? 1 : 2)),
      {
        windows: days(3).slice(1),
        reference,
      },
    )
    expect(result.windows.map(({ status }) => status)).toEqual(['drift', 'drift'])
    expect(result.profile.rows).toBe(300)
  })
  it('a model that was perfect is worse by more than any share', async () => {
    const result = await run(
      'perfect',
      predictions(2, (day) => day),
      { windows: days(2) },
    )
    expect(result.status).toBe('drift')
    expect(toHtml(result)).toContain('&gt; 100 000 %')
    expect(toHtml(result)).not.toContain('Infinity')
  })
  it('a baseline that is better is a warning', async () => {
    const pairs = predictions(2, () => 2).map((pair) => ({
      ...pair,
      baseline: (pair.y ?? 0) + ((pair.p ?? 0) - (pair.y ?? 0)) / 2,
    }))
    const result = await run('baseline', pairs, { windows: days(2), baseline: { column: 'usage__last' } })
    expect(result.status).toBe('warn')
    expect(result.sentence).toMatch(/^Mean absolute error of the baseline \(usage__last\) is better: /)
  })
  it('a baseline that knows only the easy rows is compared on these', async () => {
    const pairs = predictions(2, () => 1).map((pair, i) => {
      const [y, error] = [pair.y ?? 0, (pair.p ?? 0) - (pair.y ?? 0)]
      return i % 4 < 2 ? { ...pair, p: y + 10 * error } : { ...pair, baseline: y + 2 * error }
    })
    const result = await run('easy', pairs, { windows: days(2), baseline: { column: 'usage__last' } })
    expect(result.status).toBe('ok')
    const [mae] = result.windows[1]?.performance?.groups[0]?.metrics ?? []
    const { value = 0, difference = 0, interval } = mae?.baseline ?? {}
    expect(difference / value).toBeCloseTo(-0.5, 6)
    expect(interval?.[1]).toBeLessThan(0)
  })
  it('a version in shadow is compared with the one that answers, on the same entities', async () => {
    const live = predictions(2, () => 2)
    const shadow = live.map((pair) => ({ ...pair, version: 2, role: 'shadow', p: ((pair.p ?? 0) + (pair.y ?? 0)) / 2 }))
    const result = await run('shadow', [...live, ...shadow], { windows: days(2), version: 2, baseline: { version: 1 } })
    const [mae] = result.windows[1]?.performance?.groups[0]?.metrics ?? []
    expect(result.windows[1]?.performance).toMatchObject({ coverage: { predictions: 300 } })
    expect((mae?.baseline?.value ?? 0) / (mae?.value ?? 1)).toBeCloseTo(2, 6)
    expect(mae?.baseline?.interval?.[1]).toBeLessThan(0)
    const answered = await run('answered', [...live, ...shadow], { windows: days(2) })
    expect(answered.windows[1]).toMatchObject({ rows: 300 })
  })
})

describe('labels that come late', () => {
  const cut = new Date(first + 2 * DAY + 170 * 60_000)
  it('predictions whose labels cannot be known yet wait, and the others are measured', async () => {
    const result = await run(
      'late',
      predictions(3, () => 1),
      { now: cut, coverage: 0.3 },
    )
    expect(result.windows[2]).toMatchObject({ status: 'ok', rows: 300 })
    // A label is known an hour and a minute after its prediction.
    expect(result.windows[2]?.performance?.coverage).toMatchObject({
      predictions: 300,
      matured: 110,
      labelled: 110,
      missing: 0,
    })
    const early = await run(
      'early',
      predictions(3, () => 1),
      { now: cut },
    )
    expect(early.windows[2]).toMatchObject({ status: 'late', findings: [] })
    expect(early.exitCode).toBe(3)
    expect(early.sentence).toMatch(
      /^The labels of 190 of 300 predictions cannot be known yet; the last can on 2026-01-07 0[56]:/,
    )
  })
  it('labels that are missing although their time is over are a finding', async () => {
    const pairs = predictions(2, () => 1).map((pair, i) => (i >= 300 && i % 3 === 0 ? { ...pair, y: null } : pair))
    const result = await run('missing', pairs, { windows: days(2) })
    expect(result.status).toBe('warn')
    expect(result.sentence).toMatch(/^100 of 300 predictions \(33\.3 %\) have no label although its time is over; /)
  })
  it('predictions that are no numbers are a finding', async () => {
    const pairs = predictions(2, () => 1).map((pair, i) => (i >= 300 && i % 3 === 0 ? { ...pair, p: Infinity } : pair))
    const result = await run('not_finite', pairs, { windows: days(2) })
    expect(result.status).toBe('warn')
    expect(result.sentence).toMatch(/^100 of 300 predictions \(33\.3 %\) have a label but no finite value; /)
    expect(toHtml(result)).toContain('100 have a label but no finite value')
    expect(toHtml(result)).toContain('Find out why values are missing in prediction')
    const few = await run(
      'few_labels',
      predictions(2, () => 1).map((pair, i) => (i < 310 ? pair : { ...pair, y: null })),
      { windows: days(2) },
    )
    expect(few.status).toBe('too_few_rows')
    expect(toHtml(few)).toContain(`it has 10 of the ${few.policy.minimumRows} rows`)
  })
  it('one entity, or values too large to add up, are not said to be no worse', async () => {
    const alone = predictions(2, () => 1).map((pair) => ({ ...pair, entity: 'c1' }))
    const single = await run('single', alone, { windows: days(2) })
    expect(single.sentence).toMatch(/^Not tested against the reference: mean absolute error .*; 100 % of 300/)
    // Not known to be well, so it neither alerts nor ends an alert.
    expect(single.windows.map(({ status }) => status)).toEqual(['not_evaluable', 'not_evaluable'])
    expect(single).toMatchObject({ status: 'not_evaluable', severity: 'none', exitCode: 3 })
    expect(observationOf(single)).toMatchObject({ alerting: null, quiet: { windows: 0, of: 2 } })
    const huge = predictions(2, () => 1).map((pair, i) =>
      i >= 300 ? { ...pair, p: i % 2 === 0 ? 1e308 : -1e308 } : pair,
    )
    const result = await run('huge', huge, { windows: days(2) })
    expect(result).toMatchObject({ status: 'warn', sentence: expect.stringMatching(/^Errors cannot be added up: /) })
    expect(toHtml(result)).not.toContain('NaN')
  })
  it('no window at all is no verdict', async () => {
    const result = await run(
      'no_window',
      predictions(1, () => 1),
      { windows: [] },
    )
    expect(result).toMatchObject({ status: 'no_data', windows: [], sentence: 'No window was given.' })
  })
  it('windows without predictions, or with few labels, say so', async () => {
    const result = await run('empty', predictions(1, () => 1).slice(0, 20), { windows: days(2) })
    expect(result.windows.map(({ status }) => status)).toEqual(['too_few_rows', 'no_data'])
    expect(result.exitCode).toBe(3)
  })
})

it('a label that came twice counts once; two that contradict each other are none', async () => {
  const pairs = predictions(1, () => 1)
  const { table, labels } = await tablesOf(warehouse, 'twice', pairs)
  const again = (value: Sql, where: Sql) =>
    warehouse.run(
      sql`INSERT INTO ${tableRef(labels)} SELECT customer_id, "at", ${value} FROM ${tableRef(labels)} WHERE ${where}`,
    )
  await again(sql`value`, sql`customer_id <> 'c7'`)
  await again(sql`value + 100`, sql`customer_id = 'c7'`)
  const result = await runTruth({
    warehouse,
    model: 'twice',
    table,
    keys: ['customer_id'],
    labels: { table: labels, ...anHourLater },
    windows: days(1),
    now: new Date(first + 9 * DAY),
    record: false,
  })
  expect(result.windows[0]?.performance?.coverage).toMatchObject({ predictions: 300, labelled: 290, missing: 10 })
  expect(result.windows[0]?.performance?.groups[0]?.metrics[0]?.value).toBeLessThan(2)
})

it('a label of the definitions is computed from its facts', async () => {
  const pairs = predictions(2, () => 1)
  const { table, labels } = await tablesOf(warehouse, 'defined', pairs)
  const customer = entity('customer', { customer_id: z.string() })
  const happened = fact(labels, {
    columns: { customer_id: z.string(), at: z.date(), value: z.number() },
    entities: [customer],
    eventTime: 'at',
  })
  const value = label('value_ahead', {
    of: customer,
    from: happened,
    value: (f) => f.sum('value').ahead('1m', { gap: '1h' }),
  })
  const shared = {
    warehouse,
    model: 'defined',
    table,
    keys: ['customer_id'],
    windows: days(2),
    now: new Date(first + 9 * DAY),
  }
  const defined = await runTruth({ ...shared, labels: { label: value }, record: false })
  const joined = await runTruth({ ...shared, labels: { table: labels, ...anHourLater }, record: false })
  const [one, other] = [defined, joined].map(({ windows }) => windows[0]?.performance)
  expect(one?.groups).toEqual(other?.groups)
  expect(one?.coverage).toMatchObject({ predictions: 300, labelled: 300 })
  // The facts end with the last prediction's, whose window has not closed by them.
  expect(defined.windows[1]?.performance?.coverage).toMatchObject({ matured: 300, labelled: 299, missing: 1 })
  expect(await workTables('defined')).toEqual([])
})

/** The tables in which runs of a monitor put their rows together. */
async function workTables(monitor: string): Promise<readonly string[]> {
  const rows = rowsOf(
    await warehouse.read(sql`
      SELECT LOWER(table_name) AS name FROM information_schema.tables
      WHERE LOWER(table_name) LIKE ${`labelled_${monitor}%`} ORDER BY 1
    `),
  )
  return rows.map((row) => String(row['name']))
}

it('runs of one monitor at the same time do not disturb each other, and what killed ones left is dropped', async () => {
  const { table, labels } = await tablesOf(
    warehouse,
    'both',
    predictions(1, () => 1),
  )
  const customer = entity('customer', { customer_id: z.string() })
  const happened = fact(labels, {
    columns: { customer_id: z.string(), at: z.date(), value: z.number() },
    entities: [customer],
    eventTime: 'at',
  })
  const value = label('value_both', {
    of: customer,
    from: happened,
    value: (f) => f.sum('value').ahead('1m', { gap: '1h' }),
  })
  const left = (hours: number) => runTable('labelled', 'both', new Date(Date.now() - hours * 3_600_000))
  const [old, recent, ofOther] = [left(25), left(23), runTable('labelled', 'both_others', new Date(0))]
  for (const name of [old, recent, ofOther, 'monitoring.labelled_both'])
    await ensureTable(warehouse, { table: name, columns: [{ name: 'c', type: 'text' }] })
  const half = 150 * 60_000
  const runs = [0, 1].map((i) =>
    runTruth({
      warehouse,
      model: 'both',
      table,
      keys: ['customer_id'],
      labels: { label: value },
      windows: [{ from: new Date(first + i * half), to: new Date(first + (i + 1) * half) }],
      now: new Date(first + 9 * DAY),
      record: false,
    }),
  )
  const [one, other] = (await Promise.all(runs)).map(({ windows }) => windows[0]?.performance?.coverage)
  expect(one).toMatchObject({ predictions: 150, labelled: 150 })
  // The facts end with the last prediction's, whose window has not closed by them.
  expect(other).toMatchObject({ predictions: 150, labelled: 149 })
  expect(await workTables('both')).toEqual([recent, ofOther].map((name) => name.replace('monitoring.', '')).toSorted())
})

it('outcomes are recorded beside those of other monitors', async () => {
  await run(
    'kept',
    predictions(2, () => 1),
    { windows: days(2), record: true, segments: ['usage__region'] },
  )
  const rows = rowsOf(
    await warehouse.read(
      sql`SELECT column_name, COUNT(*) AS n FROM monitoring.drift_results WHERE monitor = 'kept' AND metric = 'mae' GROUP BY 1 ORDER BY 1`,
    ),
  )
  expect(rows.map((row) => [row['column_name'], Number(row['n'])])).toEqual(
    expect.arrayContaining([
      [null, 2],
      ['usage__region=north', 2],
      ['usage__region=south', 2],
    ]),
  )
})

it('classes and yes-or-no labels are recognised', async () => {
  const draw = uniform(4)
  const columns = ['at', 'customer_id', 'kind'] as const
  const rows = Array.from({ length: 200 }, (_, i) => ({
    at: new Date(first + i * 60_000),
    customer_id: `c${i % 25}`,
    kind: draw() < 0.3 ? 'a' : 'b',
  }))
  for (const [name, shift] of [
    ['said', 0],
    ['was', 3_600_000],
  ] as const) {
    await ensureTable(warehouse, {
      table: `kinds_${name}`,
      columns: columns.map((column) => ({ name: column, type: column === 'at' ? 'timestamp' : 'text' })),
    })
    await warehouse.append(
      `kinds_${name}`,
      columnBatch({
        at: { type: 'timestamp', values: rows.map(({ at }) => new Date(at.getTime() + shift)) },
        customer_id: { type: 'text', values: rows.map((row) => row.customer_id) },
        kind: { type: 'text', values: rows.map(({ kind }, i) => (name === 'said' && i % 5 === 0 ? 'c' : kind)) },
      }),
    )
  }
  const request: TruthRequest = {
    warehouse,
    model: 'kinds',
    table: 'kinds_said',
    keys: ['customer_id'],
    time: 'at',
    prediction: 'kind',
    labels: { table: 'kinds_was', time: 'at', value: 'kind', gap: 3_600_000_000, within: 60_000_000 },
    windows: days(1),
    now: new Date(first + 9 * DAY),
    record: false,
  }
  const { windows } = await runTruth(request)
  expect(windows[0]?.performance).toMatchObject({
    task: 'classes',
    groups: [{ metrics: [{ metric: 'accuracy', value: 0.8 }] }],
  })
  await expect(runTruth({ ...request, positive: 'a' })).rejects.toMatchObject({ code: 'TRUTH_INVALID' })
})

it('classes that are numbers agree, whether they are whole or doubles', async () => {
  const pairs = predictions(1, () => 1).map((pair, i) => ({ ...pair, p: i % 3, y: i % 4 === 0 ? 7 : i % 3 }))
  const { table, labels } = await tablesOf(warehouse, 'numbered', pairs)
  for (const [name, type] of [
    ['bigint', warehouse.leaves.columnType('bigint')],
    ['text', sql`VARCHAR`],
  ] as const) {
    const whole = sql`CAST("value" AS ${warehouse.leaves.columnType('bigint')})`
    await warehouse.run(
      sql`CREATE TABLE ${sql.id(`numbered_${name}`)} AS
        SELECT customer_id, "at", CAST(${whole} AS ${type}) AS "value" FROM ${tableRef(labels)}`,
    )
    const { windows } = await runTruth({
      warehouse,
      model: 'numbered',
      table,
      keys: ['customer_id'],
      task: 'classes',
      labels: { table: `numbered_${name}`, ...anHourLater },
      windows: days(1),
      now: new Date(first + 9 * DAY),
      record: false,
    })
    expect(windows[0]?.performance?.groups[0]?.metrics[0]).toMatchObject({ metric: 'accuracy', value: 0.75 })
  }
})

it('a chance outside 0 to 1 is left out, counted and named', async () => {
  const draw = uniform(3)
  const pairs = predictions(2, () => 1).map((pair): Pair => {
    const p = draw()
    return { ...pair, p, y: draw() < p ? 1 : 0 }
  })
  const odd = pairs.map((pair, i) => (i === 400 ? { ...pair, p: 1.25 } : pair))
  const change = { task: 'binary' as const, windows: days(2) }
  const result = await run('one_outside', odd, change)
  expect(result.windows.map(({ status }) => status)).toEqual(['ok', 'ok'])
  expect(result.windows[1]?.performance?.coverage).toMatchObject({ matured: 300, labelled: 299, missing: 0 })
  expect(result.windows[1]?.findings).toMatchObject([
    {
      kind: 'nonFiniteRate',
      column: 'prediction',
      severity: 'info',
      sentence: '1 of 300 predictions (0.3 %) have a label but no chance from 0 to 1 (prediction was 1.25).',
    },
  ])
  expect(toHtml(result)).toContain('1 have a label but no chance from 0 to 1')
  const others = await run(
    'none_outside',
    pairs.filter((_, i) => i !== 400),
    change,
  )
  expect(result.windows[1]?.performance?.groups).toEqual(others.windows[1]?.performance?.groups)
  const many = pairs.map((pair, i) => {
    if (i < 300 || i % 3 !== 0) return pair
    return { ...pair, p: i % 2 === 0 ? -0.5 : Number.NaN }
  })
  expect((await run('many_outside', many, change)).sentence).toMatch(
    / no chance from 0 to 1 \(50 values of prediction, such as -0\.5; 50 without a finite value\); /,
  )
})

describe('what cannot be measured is said', () => {
  const pairs = predictions(1, () => 1)
  it.each([
    ['a column', { prediction: 'score' }, /no column score/],
    ['a chance', { task: 'binary' }, /outside 0 to 1/],
    ['a metric', { floors: Object.fromEntries([['map', null]]) }, /no metric/],
    ['floors', { floors: { mae: { warn: 2, crit: 1 } } }, /crit must not be below warn/],
    ['labels', { labels: { table: 'nowhere', time: 'at', value: 'v', within: 1 } }, /no table nowhere/],
    ['a time', { time: 'customer_id' }, /not a timestamp/],
    [
      'a key',
      {
        labels: {
          table: 'predicted_cannot_a_key',
          keys: { customer_id: 'prediction' },
          time: 'predicted_at',
          value: 'prediction',
          within: 1,
        },
      },
      /key customer_id is text, but prediction of .* is double/,
    ],
    [
      'an instant',
      { labels: { table: 'predicted_cannot_an_instant', time: 'prediction', value: 'prediction', within: 1 } },
      /column prediction is not a time/,
    ],
    ['a baseline', { baseline: { column: 'usage__region' } }, /the baseline is a text, not a number/],
  ] as const)('%s', async (name, change, message) => {
    await expect(run(`cannot_${name.replace(' ', '_')}`, pairs, change)).rejects.toMatchObject({
      code: 'TRUTH_INVALID',
      message: expect.stringMatching(message),
    })
  })
  it('a table', async () => {
    await expect(
      runTruth({
        warehouse,
        model: 'nobody',
        labels: { table: 'x', time: 'at', value: 'v', within: 1 },
        windows: days(1),
      }),
    ).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND', message: expect.stringContaining('martlet log load nobody') })
  })
})

it('a segment column of ids brings no row for each of them out of the warehouse', async () => {
  const pairs = predictions(2, () => 1).map((pair, i) => ({
    ...pair,
    segment: i % 2 === 0 ? `often ${i % 60}` : `id ${i}`,
  }))
  let most = 0
  const counting = (of: Warehouse): Warehouse =>
    new Proxy(of, {
      get(target, name) {
        if (name === 'session')
          return <T>(work: (session: Warehouse) => Promise<T>) => target.session((session) => work(counting(session)))
        if (name !== 'read') {
          const own: unknown = Reflect.get(target, name, target)
          return typeof own === 'function' ? (own.bind(target) as unknown) : own
        }
        return async (...query: Parameters<Warehouse['read']>) => {
          const batch = await target.read(...query)
          most = Math.max(most, batch.rows)
          return batch
        }
      },
    })
  const { table, labels } = await tablesOf(warehouse, 'ids', pairs)
  const result = await runTruth({
    warehouse: counting(warehouse),
    model: 'ids',
    table,
    keys: ['customer_id'],
    labels: { table: labels, ...anHourLater },
    windows: days(2),
    now: new Date(first + 30 * DAY),
    record: false,
    segments: ['usage__region'],
  })
  const segments = result.windows.at(-1)?.performance?.groups.flatMap(({ segment }) => segment?.value ?? []) ?? []
  expect(segments).toHaveLength(20)
  expect(segments.every((value) => value.startsWith('often'))).toBe(true)
  // Two windows and the yardstick, of 20 segments each.
  expect(most).toBeLessThanOrEqual(3 * 2 * 21)
})
