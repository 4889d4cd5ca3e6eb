import { join } from 'node:path'
import {
  applyDefinitions,
  entity,
  fact,
  featureService,
  featureView,
  lineageOf,
  materialize,
  openCatalog,
  planDefinitions,
} from '@martlet/feature-store'
import { columnBatch, ensureTable } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { SnowflakeDouble } from '../../../warehouse/test/snowflake/double/double.ts'
import { openDouble } from '../../../warehouse/test/snowflake/double/open-double.ts'
import { expectAllowed } from '../../../warehouse/test/snowflake-sql/expect-allowed.ts'
import { folderArtifacts, openRegistry, snowflakeStore } from '../../src/index.ts'
import { linear, temporaryFolder } from '../support/registries.ts'

const site = entity('site', { site_id: z.string() })
const readings = fact('mart.readings', {
  columns: { site_id: z.string(), ts: z.date(), kwh: z.number() },
  entities: [site],
  eventTime: 'ts',
})
const usage = featureView('usage', {
  of: site,
  from: readings,
  every: '1d',
  features: (f) => ({ kwh: f.sum('kwh').over('7d') }),
})
const definitions = [usage, featureService('usage_service', [usage])]

test(
  'every statement that catalog and registry send is on the list of what Snowflake documents',
  { timeout: 60_000 },
  async () => {
    const double = await SnowflakeDouble.start()
    try {
      const texts = new Set<string>()
      // What sessions are pinned to is asserted as text where the driver is tested.
      double.ran = ({ sql, answer }) => {
        if (!(answer instanceof Error) && !sql.startsWith('ALTER SESSION')) texts.add(sql)
      }
      await using warehouse = await openDouble(double)
      await ensureTable(warehouse, {
        table: 'mart.readings',
        columns: [
          { name: 'site_id', type: 'text' },
          { name: 'ts', type: 'timestamp' },
          { name: 'kwh', type: 'double' },
        ],
      })
      const day = 86_400_000_000n
      await warehouse.append(
        'mart.readings',
        columnBatch({
          site_id: { type: 'text', values: ['a', 'b'] },
          ts: { type: 'timestamp', values: [19_700n * day, 19_702n * day] },
          kwh: { type: 'double', values: [1, 2] },
        }),
      )

      await using catalog = await openCatalog({ warehouse })
      await applyDefinitions(catalog, await planDefinitions(catalog, definitions))
      await materialize({ warehouse, catalog, views: [usage], now: '2023-12-20' })
      expect(await lineageOf(catalog.db, { kind: 'service', name: 'usage_service' }, 'upstream')).not.toEqual([])

      const registry = await openRegistry({
        db: catalog.db,
        dialect: snowflakeStore,
        artifacts: folderArtifacts(join(await temporaryFolder(), 'artifacts')),
      })
      await registry.register(linear(1, { tags: { by: 'test' } }))
      await registry.register(linear(2))
      await registry.setAlias('next_day', 'champion', 1, { expect: null, reason: 'first', actor: 'ann' })
      await registry.setAlias('next_day', 'champion', 2, { expect: 1, reason: 'better', actor: 'ann' })
      await registry.rollback('next_day', 'champion', { reason: 'worse', actor: 'ann' })
      expect((await registry.history('next_day', 'champion')).live).toBe(1)
      await registry.unsetAlias('next_day', 'champion', { expect: 1, reason: 'none', actor: 'ann' })
      await registry.setTag('next_day', 1, 'team', 'energy')
      await registry.removeTag('next_day', 1, 'team')
      await registry.describe('next_day', 1, 'the first')
      await registry.archive('next_day', 1, { actor: 'ann' })
      await registry.restore('next_day', 1, { actor: 'ann' })
      await registry.check('next_day', 1)
      await registry.delete('next_day', 1, { actor: 'ann' })
      expect(await registry.versions({ model: 'next_day' })).toHaveLength(1)
      expect([await registry.models(), await registry.aliases()]).toMatchObject([[{ name: 'next_day' }], []])

      expectAllowed('catalog-and-registry', [...texts])
    } finally {
      await double.stop()
    }
  },
)
