import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { findingText } from '@martlet/feature-store'
import { MartletError, type Warehouse } from '@martlet/warehouse'
import { generateMart } from '../mart/generator.ts'
import { checkPjmRows } from '../mart/check-pjm-rows.ts'
import { loadPjmMart } from '../mart/pjm.ts'
import { loadSwissMart } from '../mart/swiss.ts'
import { count } from './format.ts'

/** Where the demo's mart comes from. */
export interface DemoSource {
  readonly name: string
  /** Days begin at this zone's midnights. */
  readonly zone: string
  /** The length of a reading's interval, microseconds. */
  readonly interval: number
  /** Days at the end that the model does not see. */
  readonly unseenDays: number
  /** Fills the mart and returns lines about what was read, loaded and found wrong. */
  load(warehouse: Warehouse): Promise<readonly string[]>
}

const MINUTE = 60_000_000

export function generated(options: {
  readonly customers: number
  readonly days: number
  readonly seed: number
}): DemoSource {
  return {
    name: 'generated',
    zone: 'UTC',
    interval: 60 * MINUTE,
    unseenDays: Math.max(7, Math.round(options.days / 6)),
    async load(warehouse) {
      const { customers, customerRows, days, readings } = await generateMart(warehouse, options)
      return [
        `${count(readings)} hourly readings of ${count(customers)} customers over ${count(days)} days, made from seed ${options.seed}`,
        `${count(customerRows)} rows of customer history (tariff changes)`,
      ]
    },
  }
}

/**
 * Recognises a folder of recorded data by its files.
 *
 * @throws MartletError UNKNOWN_DATA when it has neither kind of files
 */
export async function recorded(folder: string): Promise<DemoSource> {
  if (await all(folder, 'readings_15min.parquet', 'households.parquet')) return swiss(folder)
  if (await all(folder, 'load.parquet', 'zones.parquet')) return pjm(folder)
  const [smart, hourly] = [
    'readings_15min.parquet and households.parquet (Swiss smart meters)',
    'load.parquet and zones.parquet (PJM hourly load)',
  ]
  throw new MartletError('UNKNOWN_DATA', `${folder} has neither ${smart} nor ${hourly}. Give a folder that does.`, {
    data: { folder },
  })
}

async function all(folder: string, ...files: readonly string[]): Promise<boolean> {
  return Promise.all(files.map((file) => access(join(folder, file)))).then(
    () => true,
    () => false,
  )
}

function swiss(folder: string): DemoSource {
  return {
    name: 'swiss_smart_meters',
    zone: 'Europe/Zurich',
    interval: 15 * MINUTE,
    unseenDays: 10,
    async load(warehouse) {
      const found = await loadSwissMart(warehouse, { folder })
      return [
        `readings: ${count(found.readingsRead)} read, ${count(found.readingsLoaded)} loaded; ` +
          `${count(found.negativeReadings)} negative, kept as they are`,
        `households: ${count(found.householdsRead)} read, ${count(found.householdsLoaded)} loaded; ` +
          `${count(found.householdsWithoutReadings)} without readings, ` +
          `${count(found.silentHouseholds)} whose readings are all zero`,
        `readings whose household is unknown: ${count(found.readingsWithoutHousehold)}`,
      ]
    },
  }
}

function pjm(folder: string): DemoSource {
  return {
    name: 'pjm_hourly_load',
    zone: 'America/New_York',
    interval: 60 * MINUTE,
    unseenDays: 365,
    async load(warehouse) {
      const found = await loadPjmMart(warehouse, { folder })
      const rows = await checkPjmRows(warehouse)
      const { length } = rows.findings
      const findings = length === 1 ? 'finding' : 'findings'
      return [
        ...Object.entries(found).map(([name, value]) => `${words(name)}: ${count(value)}`),
        `quality of the rows as they came: ${length === 0 ? 'nothing found' : `${count(length)} ${findings}`}`,
        ...rows.findings.map((finding) => `  ${findingText(finding)}`),
      ]
    },
  }
}

/** A name in camelCase as words. */
function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
