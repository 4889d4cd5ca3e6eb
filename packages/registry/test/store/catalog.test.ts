import { join } from 'node:path'
import { openCatalog } from '@martlet/feature-store'
import { expect, test } from 'vitest'
import { folderArtifacts, openRegistry } from '../../src/index.ts'
import { failure } from '../support/failure.ts'
import { linear, temporaryFolder } from '../support/registries.ts'

test('the registry is in the catalog with the definitions, opened by several at once', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'catalog.sqlite')
  const artifacts = folderArtifacts(join(folder, 'artifacts'))
  await using first = await openCatalog({ path })
  await using second = await openCatalog({ path })
  const registries = await Promise.all([first, second].map(({ db }) => openRegistry({ db, artifacts })))
  const versions = await Promise.all(
    Array.from({ length: 8 }, (_, bias) => registries[bias % 2]!.register(linear(bias))),
  )
  expect(versions.map(({ version }) => version.version).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])

  const moves = await Promise.allSettled(
    registries.map((registry, index) =>
      registry.setAlias('next_day', 'champion', index + 1, { expect: null, reason: 'race', actor: `${index}` }),
    ),
  )
  expect(moves.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  const lost = moves.find((move) => move.status === 'rejected')
  expect(lost?.reason).toMatchObject({ code: 'ALIAS_MOVED' })
  expect(await first.db.selectFrom('definitions').selectAll().execute()).toEqual([])
})

test('something that is not a Kysely is refused', async () => {
  const error = await failure(async () =>
    openRegistry({ db: {} as never, artifacts: folderArtifacts(await temporaryFolder()) }),
  )
  expect(error.code).toBe('CATALOG_INVALID')
})
