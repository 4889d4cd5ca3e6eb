import { expect, test } from 'vitest'
import { audit, auditLog } from '../../src/catalog/audit.ts'
import { instantText, shortInstant, toMicros } from '../../src/catalog/instant.ts'
import { claimJob } from '../../src/catalog/jobs/claim-job.ts'
import { listAttempts } from '../../src/catalog/jobs/read-jobs.ts'
import { submitJob } from '../../src/catalog/jobs/submit-job.ts'
import { failure, openCatalogAt, runWorker, withCatalog, withPlace } from './scratch.ts'

test(
  'processes that open a new catalog at once all find it complete',
  () =>
    withPlace(async (place) => {
      const results = await Promise.all(Array.from({ length: 4 }, () => runWorker('./open-worker.ts', place)))
      expect(results).toEqual(Array.from({ length: 4 }, () => ({ code: 0, output: 'catalog 6' })))
    }),
  60_000,
)

test('connections of one process wait for each other without blocking it', () =>
  withCatalog(async (catalog, place) => {
    await using other = await openCatalogAt(place)
    const order: string[] = []
    const begun = Promise.withResolvers<void>()
    const first = catalog.db.transaction().execute(async (db) => {
      begun.resolve()
      await audit(db, { actor: 'a', action: 'first', subject: 'x', detail: {} })
      await new Promise((resolve) => setTimeout(resolve, 200))
      order.push('first')
    })
    await begun.promise
    const second = other.db.transaction().execute(async (db) => {
      await audit(db, { actor: 'b', action: 'second', subject: 'x', detail: {} })
      order.push('second')
    })
    await Promise.all([first, second])
    expect(order).toEqual(['first', 'second'])
    expect(await auditLog(catalog.db)).toHaveLength(2)
  }))

test('a catalog of the version before gets what it lacks, and keeps what it has', () =>
  withCatalog(async (catalog, place) => {
    await audit(catalog.db, { actor: 'a', action: 'first', subject: 'x', detail: {} })
    const asked = { kind: 'drift', arguments: {}, by: 'ann', priority: 7, maxFailures: 2, timeLimit: 60 }
    const { job } = await submitJob(catalog, asked, { perCaller: 3, inAll: 5 }, 0)
    for (const later of ['job_attempts', 'alert_states', 'muted_columns', 'alert_outbox'])
      await catalog.db.schema.dropTable(later).execute()
    await catalog.db.schema.alterTable('jobs').dropColumn('priority').execute()
    await catalog.db.updateTable('schema_versions').set({ version: 4 }).where('component', '=', 'catalog').execute()
    await using upgraded = await openCatalogAt(place)
    expect(await upgraded.db.selectFrom('schema_versions').select('version').execute()).toEqual([{ version: 6 }])
    expect(await upgraded.db.selectFrom('jobs').select(['id', 'kind', 'priority']).execute()).toEqual([
      { id: job.id, kind: 'drift', priority: null },
    ])
    expect((await claimJob(upgraded, { kinds: ['drift'], now: 1000 }))?.job.id).toBe(job.id)
    expect(await listAttempts(upgraded, [job.id])).toHaveLength(1)
    expect(await auditLog(upgraded.db)).toHaveLength(1)
    expect(await upgraded.db.selectFrom('alert_states').selectAll().execute()).toEqual([])
  }))

test('a catalog from a newer version is refused', () =>
  withCatalog(async (catalog, place) => {
    await catalog.db.updateTable('schema_versions').set({ version: 99 }).where('component', '=', 'catalog').execute()
    expect(await failure(openCatalogAt(place))).toMatchObject({
      code: 'CATALOG_TOO_NEW',
      message: expect.stringContaining('version 99'),
    })
  }))

test('instants keep microseconds, sort as text and read back', () => {
  const instants = [
    -1n,
    0n,
    1n,
    toMicros('1969-12-31T23:59:59.999999Z') - 1n,
    toMicros('2024-02-29'),
    toMicros('2024-02-29T12:34:56.789012Z'),
    toMicros('2024-02-29T12:34+02:00'),
  ]
  for (const instant of instants) expect(toMicros(instantText(instant))).toBe(instant)
  const sorted = instants.toSorted((a, b) => (a < b ? -1 : 1))
  expect(sorted.map(instantText)).toEqual(instants.map(instantText).toSorted())
  expect(
    ['2024-02-29', '2024-02-29T06:00Z', '2024-02-29T06:00:01Z', '2024-02-29T06:00:00.5Z'].map((text) =>
      shortInstant(toMicros(text)),
    ),
  ).toEqual(['2024-02-29', '2024-02-29T06:00Z', '2024-02-29T06:00:01Z', '2024-02-29T06:00:00.5Z'])
  for (const bad of ['yesterday', '2024-13-01', '', new Date(Number.NaN)])
    expect(() => toMicros(bad, 'from')).toThrow(expect.objectContaining({ code: 'INVALID_INSTANT' }))
})
