import type { SessionSettings } from './options.ts'

/** The settings of every session, whatever the defaults of the account or user. */
export function settingsStatement({
  queryTag,
  timeoutSeconds,
}: Pick<SessionSettings, 'queryTag' | 'timeoutSeconds'>): string {
  const parameters = {
    TIMEZONE: "'UTC'",
    QUERY_TAG: literal(queryTag),
    STATEMENT_TIMEOUT_IN_SECONDS: String(timeoutSeconds),
    STRICT_JSON_OUTPUT: 'TRUE',
    // Seconds; by default an account waits half a day.
    LOCK_TIMEOUT: '60',
    AUTOCOMMIT: 'TRUE',
    ERROR_ON_NONDETERMINISTIC_MERGE: 'TRUE',
    QUOTED_IDENTIFIERS_IGNORE_CASE: 'FALSE',
    DATE_INPUT_FORMAT: "'YYYY-MM-DD'",
    // Keys and examples are texts of these formats; an account may have set others.
    DATE_OUTPUT_FORMAT: "'YYYY-MM-DD'",
    TIMESTAMP_NTZ_OUTPUT_FORMAT: "'YYYY-MM-DD HH24:MI:SS.FF6'",
  }
  return `ALTER SESSION SET ${Object.entries(parameters)
    .map(([name, value]) => `${name} = ${value}`)
    .join(' ')}`
}

// A backslash escapes in Snowflake's literals.
function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}
