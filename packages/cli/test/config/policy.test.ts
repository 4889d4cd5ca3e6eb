import { defaultPolicy } from '@martlet/drift'
import { expect, it } from 'vitest'
import { checkConfig } from '../../src/config/check-config.ts'

function check(policy: object): void {
  checkConfig(
    {
      warehouse: { duckdb: ':memory:' },
      catalog: { sqlite: 'catalog.sqlite' },
      online: 'memory',
      artifacts: { folder: 'artifacts' },
      definitions: {},
      monitors: [{ name: 'usage', table: 'mart.usage', policy }],
    },
    'martlet.config.ts',
  )
}

it('a policy may have every key that there is', () => {
  check({})
  check({ ...defaultPolicy, columnFloors: { tariff: { unseen: { warn: 0.1, crit: 0.2 } } } })
  check({ freshnessHours: { warn: 24, crit: 48 }, floors: { ks: { warn: 0.2, crit: 0.3 } } })
})

it.each([
  [{ minimumRow: 9 }, 'monitors[0].policy.minimumRow: there is no such key; did you mean minimumRows?'],
  [{ confirm: 3 }, 'monitors[0].policy.confirm: must be { windows, of }'],
  [{ confirm: null }, 'monitors[0].policy.confirm: must be { windows, of }'],
  [{ quiet: 'x' }, 'monitors[0].policy.quiet: must be { windows }'],
  [{ floors: { ks: 0.1 } }, 'monitors[0].policy.floors.ks: must be { warn, crit }'],
  [{ alpha: '0.1' }, 'monitors[0].policy.alpha: must be a number'],
])('%j is refused', (policy, says) => {
  expect(() => check(policy)).toThrow(says)
})
