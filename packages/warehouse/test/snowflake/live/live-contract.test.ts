import { describe } from 'vitest'
import { warehouseContract } from '../../contract/warehouse-contract.ts'
import { openTestWarehouse } from '../../support/engine.ts'
import { whyNotLive } from './why-skipped.ts'

// The double passes the same contract in snowflake-contract.test.ts.
describe.skipIf(whyNotLive !== undefined)(`on an account${whyNotLive === undefined ? '' : ` (${whyNotLive})`}`, () => {
  warehouseContract('Snowflake', { open: openTestWarehouse })
})
