import { afterAll, beforeAll } from 'vitest'
import { warehouseContract } from '../contract/warehouse-contract.ts'
import { SnowflakeDouble } from './double/double.ts'
import { openDouble } from './double/open-double.ts'

let double: SnowflakeDouble
beforeAll(async () => {
  double = await SnowflakeDouble.start()
})
afterAll(() => double.stop())

// Large batches of the contract go as files, small ones as bound values.
warehouseContract('Snowflake, played by a double', { open: () => openDouble(double, { bulkValues: 20_000 }) })
