import { isWord, Refused } from './tokens.ts'
import type { Token } from './tokens.ts'

/** Snowflake gives a timestamp for a timestamp, where DuckDB may give a date. */
export const DATES_SETUP = `
  CREATE MACRO MARTLET.PUBLIC.SF_DATE_TRUNC(part, ts) AS list_transform([ts], lambda SF_IT: CASE
    WHEN lower(part) <> 'day' OR typeof(SF_IT) <> 'TIMESTAMP' THEN error('the double has only DATE_TRUNC of a TIMESTAMP_NTZ to the day')
    ELSE CAST(date_trunc('day', SF_IT) AS TIMESTAMP) END)[1];
`

/** An interval is a text with number and unit in it, and is added to a time or taken from one: Snowflake has no values of that type. */
export function refuseIntervals(tokens: readonly Token[]): void {
  tokens.forEach((token, at) => {
    if (!isWord(token, 'INTERVAL')) return
    const [before, after] = [tokens[at - 1], tokens[at + 1]]
    if (after?.kind !== 'string' || !/^\d+ (?:microsecond|second|minute|hour|day|week)s?$/i.test(after.text))
      throw new Refused("INTERVAL in another form than INTERVAL '28 days'")
    const added = before?.kind === 'symbol' && ['+', '-'].includes(before.text)
    if (!added && !isWord(before, 'BETWEEN', 'AND')) throw new Refused('an INTERVAL that is not added to a time')
  })
}
