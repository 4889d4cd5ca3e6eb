import type { SessionSettings } from './options.ts'

/** What every session is pinned to, whatever the account's or user's defaults are. */
export function settingsStatement({
  queryTag,
  timeoutSeconds,
}: Pick<SessionSettings, 'queryTag' | 'timeoutSeconds'>): string {
  const parameters = {
    TIMEZONE: "'UTC'",
    QUERY_TAG: literal(queryTag),
    STATEMENT_TIMEOUT_IN_SECONDS: String(timeoutSeconds),
    STRICT_JSON_OUTPUT: 'TRUE',
    // Seconds; an account waits half a day.
    LOCK_TIMEOUT: '60',
    AUTOCOMMIT: 'TRUE',
    ERROR_ON_NONDETERMINISTIC_MERGE: 'TRUE',
    QUOTED_IDENTIFIERS_IGNORE_CASE: 'FALSE',
    DATE_INPUT_FORMAT: "'YYYY-MM-DD'",
    // What keys and examples are as texts: an account may have set other formats.
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
