import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import {
  applyDeployment,
  MartletError,
  openDuckDb,
  planDeployment,
  readDeployment,
  type Warehouse,
} from '@martlet/warehouse'
import { codeOf } from '../support/errors.ts'
import { SqlFolder } from './sql-folder.ts'

/** A warehouse that quotes whole statements in its errors, as an engine may. */
function quoting(warehouse: Warehouse, kind: 'ours' | 'foreign'): Warehouse {
  return new Proxy(warehouse, {
    get(target, name) {
      if (name === 'run') {
        return async (...args: Parameters<Warehouse['run']>) => {
          const compiled = target.compile(args[0]).sql
          if (!compiled.includes('CREATE OR REPLACE VIEW')) return target.run(...args)
          const message = `syntax error near <<${compiled}>>`
          throw kind === 'foreign'
            ? new Error(message)
            : new MartletError('SQL_FAILED', message, { data: { sql: compiled, code: 7 } })
        }
      }
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

it.each(['ours', 'foreign'] as const)(
  'a statement that fails is reported without its secret, whatever the engine quotes: %s',
  async (kind) => {
    await using folder = await SqlFolder.with({
      'x.sql': 'CREATE SCHEMA IF NOT EXISTS s; CREATE OR REPLACE VIEW s.v AS SELECT <% key %> AS k;',
      'variables.json': JSON.stringify({ key: { kind: 'secret', about: '' } }),
    })
    await using warehouse = await openDuckDb()
    const deployment = await readDeployment({
      engine: 'duckdb',
      folder: folder.path,
      secrets: { key: 'hunter2 and 24 characters more!!' },
    })
    const plan = await planDeployment(warehouse, deployment)
    const error = await codeOf(applyDeployment(quoting(warehouse, kind), deployment, plan, { actor: 'tester' }))
    expect(error).toMatchObject({
      code: 'DEPLOY_FAILED',
      message: expect.stringContaining("SELECT '<% key %>' AS k"),
      cause: { message: expect.stringContaining('<% key %>') },
    })
    if (kind === 'ours')
      expect(error.cause).toMatchObject({
        code: 'SQL_FAILED',
        data: { sql: expect.stringContaining('<% key %>'), code: 7 },
      })
    const everything = inspect(error, { depth: 10, showHidden: true })
    expect(everything).not.toMatch(/hunter2|[0-9a-f]{64}/)
  },
)
