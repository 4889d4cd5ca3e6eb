import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { noteInManifest, trainingTables } from '../../src/erase/erased-manifests.ts'
import { readManifest, writeManifest } from '../../src/project/manifests.ts'
import { openProject } from '../../src/project/project.ts'

it('an erasure that died before it deleted rows is told of once, and later ones are added', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-manifests-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await using project = openProject(
    {
      warehouse: { duckdb: ':memory:' },
      catalog: { sqlite: 'catalog.sqlite' },
      online: 'memory',
      artifacts: { folder: 'artifacts' },
      definitions: {},
      trainingSets: [{ name: 'mine', service: 'card', spine: 'mart.spine', time: 'at', into: 'lab.mine' }],
    },
    { folder },
  )
  await writeManifest(project, 'mine', { service: 'card', rows: 10, asOf: '2026-01-01' })
  await writeManifest(project, 'lab.other', { service: 'next_day', rows: 5 })
  expect(
    (await trainingTables(project)).toSorted((a, b) => (a.table + a.service < b.table + b.service ? -1 : 1)),
  ).toEqual([
    { table: 'lab.mine', service: 'card' },
    { table: 'lab.other', service: 'next_day' },
  ])
  const tell = (rowsBefore: number, rowsAfter: number) =>
    noteInManifest(project, { table: 'LAB.mine', rowsBefore, rowsAfter })
  await tell(10, 9)
  const first = await readManifest(project, 'mine')
  expect(first).toEqual({
    service: 'card',
    rows: 9,
    asOf: '2026-01-01',
    erased: [{ at: expect.any(String), rowsBefore: 10, rowsAfter: 9 }],
  })
  await tell(10, 9)
  expect(await readManifest(project, 'mine')).toEqual(first)
  await tell(9, 4)
  expect(await readManifest(project, 'mine')).toMatchObject({
    rows: 4,
    erased: [
      { rowsBefore: 10, rowsAfter: 9 },
      { rowsBefore: 9, rowsAfter: 4 },
    ],
  })
  await noteInManifest(project, { table: 'training.nobody_knows', rowsBefore: 3, rowsAfter: 2 })
  expect(await readManifest(project, 'lab.other')).toEqual({ service: 'next_day', rows: 5 })
})
