import type { DatabaseIntrospector, Dialect, DialectAdapter, Driver, Kysely, QueryCompiler } from 'kysely'
import { DuckDbAdapter } from './adapter.ts'
import { DuckDbDriver } from './driver.ts'
import type { SessionSource } from './driver.ts'
import { DuckDbIntrospector } from './introspector.ts'
import { DuckDbQueryCompiler } from './query-compiler.ts'

export class DuckDbDialect implements Dialect {
  readonly #sessions: SessionSource

  constructor(sessions: SessionSource) {
    this.#sessions = sessions
  }

  createDriver(): Driver {
    return new DuckDbDriver(this.#sessions)
  }

  createQueryCompiler(): QueryCompiler {
    return new DuckDbQueryCompiler()
  }

  createAdapter(): DialectAdapter {
    return new DuckDbAdapter()
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new DuckDbIntrospector(db)
  }
}
