const DDL: ReadonlySet<string> = new Set([
  'CREATE',
  'ALTER',
  'DROP',
  'TRUNCATE',
  'UNDROP',
  'GRANT',
  'REVOKE',
  'COMMENT',
  'USE',
])
const OWN_STATE: ReadonlySet<string> = new Set(['USE', 'SET', 'UNSET'])

/** Whether the statement commits an open transaction before it runs. */
export function isDdl(sql: string): boolean {
  return DDL.has(firstWord(sql))
}

/** Whether the statement leaves something behind that only its session has. */
export function changesSession(sql: string): boolean {
  const word = firstWord(sql)
  if (word === 'ALTER') return /^\s*ALTER\s+SESSION\b/i.test(withoutComments(sql))
  return word === 'CREATE'
    ? /^\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:(?:LOCAL|GLOBAL)\s+)?(?:TEMP|TEMPORARY|VOLATILE)\b/i.test(
        withoutComments(sql),
      )
    : OWN_STATE.has(word)
}

/** Whether the statement changes the session's current schema: Snowflake moves into a database or schema that it creates. */
export function movesSession(sql: string): boolean {
  return /^\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:TRANSIENT\s+)?(?:DATABASE|SCHEMA)\b/i.test(withoutComments(sql))
}

function firstWord(sql: string): string {
  return (/^\s*([A-Za-z]+)/.exec(withoutComments(sql))?.[1] ?? '').toUpperCase()
}

function withoutComments(sql: string): string {
  return sql.replace(/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/, '')
}
