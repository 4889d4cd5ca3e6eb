import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultPolicy, reportFormats, resultSchema, type DriftResult } from '@martlet/drift'
import { erasedKeys, keyMentions } from '@martlet/feature-store'
import { expect, test } from 'vitest'
import { eraseReports } from '../../src/erase/erased-reports.ts'

const names = (text: string): boolean => text.includes('anna')
const mentions = {
  isKey: () => false,
  isValue: () => false,
  inExample: names,
  inText: names,
  without: (text: string) => text,
}

test('reports are none in a folder that is not there, and an error where the folder cannot be read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-reports-'))
  try {
    expect(await eraseReports(join(folder, 'none'), mentions, true)).toEqual([])
    await writeFile(join(folder, 'a.html'), 'of anna')
    expect((await eraseReports(folder, mentions, true)).map(({ rows }) => rows)).toEqual([1])
    await expect(eraseReports(join(folder, 'a.html'), mentions, true)).rejects.toMatchObject({ code: 'ENOTDIR' })
  } finally {
    await rm(folder, { recursive: true })
  }
})

/** A report on one prediction of a key, which was served another value. */
function reportAbout(keys: Readonly<Record<string, string>>): DriftResult {
  const at = '2026-01-02T06:00:00.000Z'
  const feature = { feature: 'usage__kwh', type: 'double', compared: 1, equal: 0, match: 0, atLeast: 1 } as const
  const example = { keys, time: at, requestId: null, version: 7, logged: '5', recomputed: '6' } as const
  const parity = {
    rows: 1,
    skipped: 0,
    notCompared: [],
    features: [
      {
        ...feature,
        passes: false,
        reasons: { unknown: 1 },
        meanDifference: 1,
        largestDifference: 1,
        examples: [{ ...example, reason: 'unknown' as const }],
      },
    ],
  }
  const verdict = { status: 'drift', severity: 'crit', sentence: 'usage__kwh differs.' } as const
  return {
    schema: resultSchema,
    monitor: 'served',
    evaluatedAt: at,
    profile: { name: 'model', createdAt: at, rows: 1, time: null },
    policy: defaultPolicy,
    ...verdict,
    exitCode: 1,
    since: null,
    lookAt: [],
    columns: [],
    windows: [{ from: null, to: null, rows: 1, ...verdict, columns: [], findings: [], causes: [], parity }],
    sql: [],
  }
}

test('reports with an example of a key that is a number, or too short to be looked for elsewhere', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-reports-'))
  const written = async (result: DriftResult): Promise<void> => {
    for (const { extension, render } of reportFormats)
      await writeFile(join(folder, `served.${extension}`), render(result))
  }
  const entity = { name: 'meter', keys: [{ name: 'meter_id', type: 'bigint' as const }] }
  const short = { name: 'site', keys: [{ name: 'site', type: 'text' as const }] }
  try {
    await written(reportAbout({ meter_id: '42' }))
    const removed = await eraseReports(folder, keyMentions(erasedKeys(entity, [{ meter_id: 42n }])), false)
    expect(removed.map(({ place }) => place.slice(folder.length + 1)).toSorted()).toEqual([
      'served.html',
      'served.json',
    ])
    await written(reportAbout({ meter_id: '42' }))
    expect(await eraseReports(folder, keyMentions(erasedKeys(entity, [{ meter_id: 43n }])), true)).toEqual([])
    await written(reportAbout({ site: '<&' }))
    expect(await eraseReports(folder, keyMentions(erasedKeys(short, [{ site: '<&' }])), true)).toHaveLength(2)
  } finally {
    await rm(folder, { recursive: true })
  }
})
