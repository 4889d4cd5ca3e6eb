import type { DatabaseIntrospector, Dialect, DialectAdapter, Driver, Kysely, QueryCompiler } from 'kysely'
import { SnowflakeAdapter } from './adapter.ts'
import { SnowflakeDriver } from './driver.ts'
import type { SessionSource } from './driver.ts'
import { SnowflakeIntrospector } from './introspector.ts'
import { SnowflakeQueryCompiler } from './query-compiler.ts'

export class SnowflakeDialect implements Dialect {
  readonly #sessions: SessionSource

  constructor(sessions: SessionSource) {
    this.#sessions = sessions
  }

  createDriver(): Driver {
    return new SnowflakeDriver(this.#sessions)
  }

  createQueryCompiler(): QueryCompiler {
    return new SnowflakeQueryCompiler()
  }

  createAdapter(): DialectAdapter {
    return new SnowflakeAdapter()
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SnowflakeIntrospector(db)
  }
}
