import type { Assumption } from './assumption.ts'
import { assumptionsOfSessions } from './assumptions-of-sessions.ts'
import { assumptionsOfStatements } from './assumptions-of-statements.ts'
import { assumptionsOfTime } from './assumptions-of-time.ts'
import { assumptionsOfValues } from './assumptions-of-values.ts'

/** What our code takes for true of Snowflake without having seen it, by subject. */
export const assumptions: Readonly<Record<string, readonly Assumption[]>> = {
  values: assumptionsOfValues,
  time: assumptionsOfTime,
  statements: assumptionsOfStatements,
  sessions: assumptionsOfSessions,
}
