import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { linear, temporaryRegistry } from '../support/registries.ts'

test('in SQLite the log cannot be rewritten through SQL', async () => {
  const { registry, db } = await temporaryRegistry()
  await registry.register(linear(0))
  await registry.setAlias('next_day', 'champion', 1, { expect: null, reason: 'first', actor: 'trainer' })
  await expect(sql`update model_alias_moves set actor = 'somebody else'`.execute(db)).rejects.toThrow('append-only')
  await expect(sql`delete from model_alias_moves`.execute(db)).rejects.toThrow('append-only')
  await expect(sql`delete from model_versions`.execute(db)).rejects.toThrow('never used again')
})
