import { openSnowflake } from '@martlet/warehouse'
import type { Warehouse } from '@martlet/warehouse'
import { SnowflakeDouble } from '../snowflake/double/double.ts'
import { auth } from '../snowflake/double/open-double.ts'
import { createLiveDatabase } from '../snowflake/live/live-database.ts'
import { liveOptions } from '../snowflake/live/live-options.ts'
import { testEngine } from './engine.ts'

/** Something empty that several processes reach by one text: a double, or a database of the account of the live suite. */
export interface SnowflakePlace {
  readonly address: string
  end(): Promise<void>
}

const LIVE = 'live:'

export async function newSnowflakePlace(): Promise<SnowflakePlace> {
  if (testEngine === 'snowflake-live') {
    const { options, drop } = await createLiveDatabase()
    return { address: `${LIVE}${options.database ?? ''}`, end: drop }
  }
  const double = await SnowflakeDouble.start()
  return { address: double.url, end: () => double.stop() }
}

export function openSnowflakeAt(address: string): Promise<Warehouse> {
  if (address.startsWith(LIVE))
    return openSnowflake({ ...liveOptions(), database: address.slice(LIVE.length), schema: 'PUBLIC' })
  return openSnowflake({ account: 'double', accessUrl: address, database: 'MARTLET', schema: 'PUBLIC', auth })
}
