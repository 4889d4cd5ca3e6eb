import { testEngine } from '../../support/engine.ts'
import { missingForLive } from './live-variables.ts'

/** Why the tests of an account do not run here, or undefined. */
export const whySkipped: string | undefined =
  testEngine === 'duckdb'
    ? `skipped: they run on an account with npm run test:live${
        missingForLive.length === 0 ? '' : `, which needs ${missingForLive.join(', ')}`
      }; their statements run on the double in warehouse-on-snowflake`
    : undefined
/** The same for what only an account can show. */
export const whyNotLive: string | undefined =
  testEngine === 'snowflake-live'
    ? undefined
    : `skipped: they run on an account with npm run test:live${
        missingForLive.length === 0 ? '' : `, which needs ${missingForLive.join(', ')}`
      }`
