import { sql } from '@martlet/warehouse'
import type { Assumption } from './assumption.ts'
import { parameter, value } from './ask.ts'

export const assumptionsOfSessions: readonly Assumption[] = [
  {
    name: 'DDL commits the open transaction',
    page: 'sql-reference/transactions',
    double: 'refuses',
    expected: 1,
    ask: async (w) => {
      await w.run(sql`CREATE OR REPLACE TABLE committed (x NUMBER(10, 0))`)
      await w.session(async (session) => {
        await session.run(sql`BEGIN`)
        try {
          await session.run(sql`INSERT INTO committed (x) SELECT 1`)
          await session.run(sql`CREATE OR REPLACE TABLE another (x NUMBER(10, 0))`)
        } finally {
          await session.run(sql`ROLLBACK`)
        }
      })
      return value(sql`SELECT COUNT(*) AS n FROM committed`)(w)
    },
  },
  {
    name: 'creating a temporary table commits the open transaction, too',
    page: 'sql-reference/transactions',
    double: 'refuses',
    expected: 1,
    ask: async (w) => {
      await w.run(sql`CREATE OR REPLACE TABLE committed_too (x NUMBER(10, 0))`)
      await w.session(async (session) => {
        await session.run(sql`BEGIN`)
        try {
          await session.run(sql`INSERT INTO committed_too (x) SELECT 1`)
          await session.run(sql`CREATE TEMPORARY TABLE brief (x NUMBER(10, 0))`)
        } finally {
          await session.run(sql`ROLLBACK`)
        }
      })
      return value(sql`SELECT COUNT(*) AS n FROM committed_too`)(w)
    },
  },
  {
    name: 'creating a schema, also one that is there, makes it the current one, and the driver goes back',
    page: 'sql-reference/sql/create-schema',
    double: 'agrees',
    expected: 'PUBLIC',
    ask: (w) =>
      w.session(async (session) => {
        await session.run(sql`CREATE SCHEMA IF NOT EXISTS ${sql.id('moved')}`)
        await session.run(sql`CREATE SCHEMA IF NOT EXISTS ${sql.id('moved')}`)
        return value(sql`SELECT CURRENT_SCHEMA() AS s`)(session)
      }),
  },
  {
    name: 'temporary tables stand in INFORMATION_SCHEMA for their session',
    page: 'sql-reference/info-schema/tables',
    double: 'agrees',
    expected: 1,
    ask: (w) =>
      w.session(async (session) => {
        await session.run(sql`CREATE TEMPORARY TABLE seen_here (x NUMBER(10, 0))`)
        return value(sql`SELECT COUNT(*) AS n FROM INFORMATION_SCHEMA.COLUMNS WHERE table_name = 'SEEN_HERE'`)(session)
      }),
  },
  {
    name: 'array binds go through a stage from 65,280 values on',
    page: 'sql-reference/parameters',
    double: 'refuses',
    expected: '65280',
    ask: parameter('CLIENT_STAGE_ARRAY_BINDING_THRESHOLD', 'value'),
  },
  {
    name: 'AUTOCOMMIT is on',
    page: 'sql-reference/parameters',
    double: 'refuses',
    expected: 'true',
    ask: parameter('AUTOCOMMIT', 'value'),
  },
  {
    name: 'MERGE with duplicate matches is an error unless somebody sets it otherwise',
    page: 'sql-reference/parameters',
    double: 'refuses',
    expected: 'true',
    ask: parameter('ERROR_ON_NONDETERMINISTIC_MERGE', 'default'),
  },
  {
    name: 'a query tag may have 2000 characters',
    page: 'sql-reference/parameters',
    double: 'agrees',
    expected: 0,
    ask: (w) => w.session((session) => session.run(sql`ALTER SESSION SET QUERY_TAG = ${sql.lit('x'.repeat(2000))}`)),
  },
]
