// The double of Snowflake in a process of its own; it tells its address to the process that started it.
import process from 'node:process'
import { SnowflakeDouble } from '../../packages/warehouse/test/snowflake/double/double.ts'

const double = await SnowflakeDouble.start({ threads: 2 })
process.send?.({ url: double.url })
process.once('disconnect', () => void double.stop().then(() => process.exit(0)))
