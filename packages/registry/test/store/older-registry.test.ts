import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { folderArtifacts, openRegistry } from '../../src/index.ts'
import { linear, temporaryRegistry } from '../support/registries.ts'

test('a registry that was made before there were roll-outs gets their tables when it is opened', async () => {
  const { registry, folder, db } = await temporaryRegistry()
  await registry.register(linear(1))
  for (const table of ['rollouts', 'rollout_evidence']) await sql`drop table ${sql.id(table)}`.execute(db)
  const opened = await openRegistry({ db, artifacts: folderArtifacts(`${folder}/artifacts`) })
  expect(await opened.rollouts.list()).toEqual([])
  expect((await opened.version('next_day', 1)).version).toBe(1)
})
