import { erasedKeys, keyMentions } from '@martlet/feature-store'
import { linearRegressionOnnx, loadModel } from '../../src/index.ts'
import { describe, expect, test } from 'vitest'
import { linear, temporaryRegistry } from '../support/registries.ts'
import { service } from '../support/services.ts'

const byText = keyMentions(
  erasedKeys({ name: 'customer', keys: [{ name: 'customer_id', type: 'text' }] }, [{ customer_id: 'ann-7' }]),
)
const byNumber = keyMentions(erasedKeys({ name: 'meter', keys: [{ name: 'kwh_7d', type: 'bigint' }] }, [{ kwh_7d: 4 }]))

describe('keys in what the registry keeps', () => {
  test('texts, tags and accounts of training sets are blackened, and the rest stays', async () => {
    const { registry } = await temporaryRegistry()
    await registry.register(
      linear(1, {
        description: 'worse for ann-7, better for ann-77',
        source: 's3://ann-7/model',
        runId: 'run-1',
        tags: { seen_by: 'ann-7', team: 'energy' },
        trainingSet: {
          rows: 3,
          without: ['ann-7', 'ann-70'],
          first: { customer_id: 'ann-7', kwh: 4 },
          note: 'asked by ann-7',
        },
      }),
    )
    await registry.describe('next_day', null, 'for ann-7')
    const before = await registry.version('next_day', 1)
    const dry = await registry.redact({ mentions: byText, dryRun: true })
    expect(await registry.version('next_day', 1)).toEqual(before)
    expect(await registry.redact({ mentions: byText })).toEqual(dry)
    expect(dry).toEqual({
      unreached: [],
      removed: [
        { kind: 'texts', place: 'model next_day, version 1', rows: 3 },
        { kind: 'texts', place: 'model next_day', rows: 1 },
        { kind: 'texts', place: 'model next_day, a tag', rows: 1 },
      ],
    })
    const after = await registry.version('next_day', 1)
    expect(after).toEqual({
      ...before,
      updatedAt: after.updatedAt,
      description: 'worse for [erased], better for ann-77',
      source: 's3://[erased]/model',
      tags: { seen_by: '[erased]', team: 'energy' },
      trainingSet: {
        rows: 3,
        without: ['[erased]', 'ann-70'],
        first: { customer_id: '[erased]', kwh: 4 },
        note: 'asked by [erased]',
      },
    })
    expect((await registry.models())[0]?.description).toBe('for [erased]')
    expect(await registry.redact({ mentions: byText })).toEqual({ removed: [], unreached: [] })
  })

  test('golden rows that hold a key go with their answers, and the version is still verified by the others', async () => {
    const { registry } = await temporaryRegistry()
    await registry.register(linear(1))
    expect(await registry.redact({ mentions: byNumber })).toEqual({
      removed: [{ kind: 'golden rows', place: 'model next_day, version 1', rows: 1 }],
      unreached: [],
    })
    expect((await registry.version('next_day', 1)).goldenRows).toMatchObject({
      inputs: [{ usage__kwh_7d: 1, usage__kwh_28d: 2 }],
      outputs: { prediction: [9] },
    })
    await using model = await loadModel(registry, { model: 'next_day', version: 1 })
    expect(model.version.version).toBe(1)
  })

  test('a version whose golden rows all hold a key is named, not broken', async () => {
    const { registry } = await temporaryRegistry()
    await registry.register(linear(1, { goldenRows: { inputs: [[4, 2]], outputs: { prediction: [15] } } }))
    const { removed, unreached } = await registry.redact({ mentions: byNumber })
    expect(removed).toEqual([])
    expect(unreached).toEqual([expect.stringMatching(/^model next_day, version 1: all of its golden rows hold a key/)])
    expect((await registry.version('next_day', 1)).goldenRows.inputs).toEqual([[4, 2]])
  })

  test('versions that were archived or deleted are not forgotten; reasons of moves cannot be changed and are named', async () => {
    const { registry } = await temporaryRegistry()
    await registry.register(linear(1, { description: 'ann-7' }))
    await registry.register(linear(2, { description: 'ann-7' }))
    await registry.setAlias('next_day', 'champion', 2, { actor: 'me', reason: 'ann-7 asked', expect: null })
    await registry.delete('next_day', 1, { actor: 'me', reason: 'because of ann-7' })
    const { removed, unreached } = await registry.redact({ mentions: byText })
    expect(removed.map(({ place, rows }) => [place, rows])).toEqual([
      ['model next_day, version 1', 2],
      ['model next_day, version 2', 1],
    ])
    expect(unreached).toEqual([
      'model next_day: the reason of move 1 of alias champion names a key, and that log is append-only',
    ])
  })

  test('values that merely look like a short or numeric key elsewhere are left alone', async () => {
    const { registry } = await temporaryRegistry()
    const two = service([{ name: 'other' }, { name: 'kwh_28d' }])
    await registry.register(
      linear(1, {
        service: two,
        description: '4 of 4',
        onnx: linearRegressionOnnx({
          features: ['usage__other', 'usage__kwh_28d'],
          weights: [2, 3],
          bias: 1,
          impute: [null, null],
        }),
        goldenRows: { inputs: [[4, 4]], outputs: { prediction: [21] } },
        trainingSet: { rows: 4 },
      }),
    )
    expect(await registry.redact({ mentions: byNumber })).toEqual({ removed: [], unreached: [] })
  })
})

test('versions trained on a set get one note per erasure', async () => {
  const { registry } = await temporaryRegistry()
  await registry.register(linear(1, { trainingSet: { set: 'a', rows: 10 } }))
  await registry.register(linear(2, { trainingSet: { set: 'b', rows: 10 } }))
  await registry.register(linear(3, { trainingSet: 'no object' }))
  const matches = (account: unknown): boolean =>
    typeof account === 'object' && account !== null && 'set' in account && account.set === 'a'
  expect(await registry.noteTrainingSet({ matches, note: { rowsBefore: 10, rowsAfter: 9 } })).toBe(1)
  expect(await registry.noteTrainingSet({ matches, note: { rowsBefore: 10, rowsAfter: 9 } })).toBe(0)
  expect(await registry.noteTrainingSet({ matches, note: { rowsBefore: 9, rowsAfter: 8 } })).toBe(1)
  expect((await registry.version('next_day', 1)).trainingSet).toEqual({
    set: 'a',
    rows: 10,
    erased: [
      { rowsBefore: 10, rowsAfter: 9 },
      { rowsBefore: 9, rowsAfter: 8 },
    ],
  })
  expect((await registry.version('next_day', 2)).trainingSet).toEqual({ set: 'b', rows: 10 })
})
