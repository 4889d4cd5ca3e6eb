import type { AccountObjects } from './account-objects.ts'
import type { Rewritten } from './rewrite.ts'

/** What a session is in: null where the login named nothing, or something that is not there. */
export interface Place {
  readonly role: string
  /** The role and those that it holds. */
  readonly roles: readonly string[]
  readonly database: string | null
  readonly schema: string | null
  readonly warehouse: string | null
}

/** An error as Snowflake numbers it. */
export interface Refusal {
  readonly code: string
  readonly sqlState: string
  readonly message: string
}

/** TESTER owns the database; READER may use it and change nothing. Roles that were created there may do what TESTER may. */
const ROLES: ReadonlySet<string> = new Set(['TESTER', 'READER'])

/**
 * As a login answers: a role that the user does not have is an error, a database or schema that is not there is none.
 * The double has the database MARTLET with the schema PUBLIC, and every warehouse but MISSING; only a login that
 * names this one computes nothing.
 */
export function placeOf(params: URLSearchParams, account: AccountObjects): Place | Refusal {
  const role = params.get('roleName')?.toUpperCase() ?? 'TESTER'
  if (!ROLES.has(role) && !account.hasRole(role)) {
    return {
      code: '390189',
      sqlState: '08001',
      message:
        `Role '${role}' specified in the connect string does not exist or not authorized. Contact your local ` +
        'system administrator, or attempt to login with another role, e.g. PUBLIC.',
    }
  }
  const database = params.get('databaseName')?.toUpperCase() === 'MARTLET' ? 'MARTLET' : null
  const schema =
    database === null || (params.get('schemaName') ?? 'PUBLIC').toUpperCase() !== 'PUBLIC' ? null : 'PUBLIC'
  const warehouse = params.get('warehouse')?.toUpperCase() ?? 'DEFAULT'
  return { role, roles: account.rolesOf(role), database, schema, warehouse: warehouse === 'MISSING' ? null : warehouse }
}

/** Why a session in this place may not run a statement. */
export function refusalOf({ role, database, schema, warehouse }: Place, { kind, sql }: Rewritten): Refusal | undefined {
  if (kind === 'session' || kind === 'begin' || kind === 'commit' || kind === 'rollback') return undefined
  if (kind === 'query' && !/\bFROM\b/.test(sql)) return undefined
  const verb = kind === 'query' ? 'SELECT' : (sql.split(' ')[0] ?? '')
  if (database === null)
    return {
      code: '090105',
      sqlState: '22000',
      message: `Cannot perform ${verb}. This session does not have a current database. Call 'USE DATABASE', or use a qualified name.`,
    }
  if (kind !== 'query' && role === 'READER')
    return {
      code: '003001',
      sqlState: '42501',
      message: `SQL access control error: Insufficient privileges to operate on database '${database}'.`,
    }
  if (kind !== 'ddl' && warehouse === null)
    return {
      code: '000606',
      sqlState: '57P03',
      message:
        "No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' command.",
    }
  if (kind === 'ddl' && schema === null && !sql.includes('.') && !sql.includes('SCHEMA'))
    return {
      code: '090106',
      sqlState: '22000',
      message: `Cannot perform ${verb}. This session does not have a current schema. Call 'USE SCHEMA', or use a qualified name.`,
    }
  return undefined
}

/** Tells DuckDB's macros of the double where a session is. */
export function placeStatements({ role, roles, database, schema, warehouse }: Place): string {
  const text = (value: string | null): string => (value === null ? 'NULL::VARCHAR' : `'${value.replaceAll("'", "''")}'`)
  return (
    `SET VARIABLE SF_ROLE = ${text(role)}; SET VARIABLE SF_ROLES = [${roles.map(text).join(', ')}]; ` +
    `SET VARIABLE SF_DATABASE = ${text(database)}; SET VARIABLE SF_SCHEMA = ${text(schema)}; SET VARIABLE SF_WAREHOUSE = ${text(warehouse)}`
  )
}

/**
 * Where a statement takes its session: a new schema is the current one at once, also where it was there
 * (sql-reference/sql/create-schema), as after USE.
 */
export function movedBy(sql: string): { readonly schema: string; readonly createsNothing: boolean } | undefined {
  const name = String.raw`("[^"]+"|\w+)`
  const [, verb = '', , schema] =
    new RegExp(
      String.raw`^\s*(USE|CREATE)\s+SCHEMA\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:${name}\s*\.\s*)?${name}\s*$`,
      'i',
    ).exec(sql) ?? []
  if (schema === undefined) return undefined
  return {
    schema: schema.startsWith('"') ? schema.slice(1, -1) : schema.toUpperCase(),
    createsNothing: verb.toUpperCase() === 'USE',
  }
}

/** Functions that say where the session is, and views of what its role may do. */
export const PLACE_SETUP = `
  CREATE MACRO MARTLET.PUBLIC.SF_CURRENT_ROLE() AS getvariable('SF_ROLE');
  CREATE MACRO MARTLET.PUBLIC.SF_IS_ROLE_IN_SESSION(name) AS list_contains(getvariable('SF_ROLES'), name);
  CREATE MACRO MARTLET.PUBLIC.SF_CURRENT_DATABASE() AS getvariable('SF_DATABASE');
  CREATE MACRO MARTLET.PUBLIC.SF_CURRENT_SCHEMA() AS getvariable('SF_SCHEMA');
  CREATE MACRO MARTLET.PUBLIC.SF_CURRENT_WAREHOUSE() AS getvariable('SF_WAREHOUSE');
  CREATE MACRO MARTLET.PUBLIC.SF_CURRENT_VERSION() AS 'double';
  CREATE MACRO MARTLET.PUBLIC.SF_SYSDATE() AS CAST(now() AS TIMESTAMP);
  CREATE VIEW MARTLET.SF_CATALOG.ENABLED_ROLES AS SELECT getvariable('SF_ROLE') AS role_name UNION ALL SELECT 'PUBLIC';
  CREATE VIEW MARTLET.SF_CATALOG.OBJECT_PRIVILEGES AS
    SELECT 'TESTER' AS grantee, 'MARTLET' AS object_catalog, NULL AS object_schema, 'MARTLET' AS object_name,
      'DATABASE' AS object_type, 'OWNERSHIP' AS privilege_type
    UNION ALL SELECT 'READER', 'MARTLET', NULL, 'MARTLET', 'DATABASE', 'USAGE'
    UNION ALL SELECT 'TESTER', 'MARTLET', schema_name, schema_name, 'SCHEMA', 'OWNERSHIP' FROM MARTLET.SF_CATALOG.SCHEMATA
    UNION ALL SELECT 'READER', 'MARTLET', schema_name, schema_name, 'SCHEMA', 'USAGE' FROM MARTLET.SF_CATALOG.SCHEMATA;
`
