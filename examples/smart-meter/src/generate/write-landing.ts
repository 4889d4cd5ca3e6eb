import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { bankHolidays } from './calendar.ts'
import { halfHoursOf, slotOf, startOf } from './clock.ts'
import { householdsOf } from './households.ts'
import { outsideOf } from './outside.ts'
import { readingFiles, type Delivery } from './readings.ts'
import { agreementsOf, exportDays, metersOf, products } from './registry.ts'
import { dateText, Ledger, worldOf, type World, type WorldOptions } from './world.ts'

export interface Landing {
  readonly world: World
  readonly files: number
  readonly lines: number
  readonly ledger: Ledger
}

/** Which arrivals are written: those before this local day, counted from the start of the world. @default all */
export interface WrittenDays {
  readonly fromDay?: number
  readonly untilDay?: number
}

/**
 * Writes what arrives in some days of a world below a folder: JSON lines of readings, prices and weather forecasts, and a SQLite
 * file of agreements, products, meterpoints and bank holidays every week. The folder of a file says when it arrived.
 */
export function writeLanding(folder: string, options: WorldOptions = {}, written: WrittenDays = {}): Landing {
  const world = worldOf(options)
  const { seed, startDay, days } = world
  const ledger = new Ledger()
  const homes = householdsOf(seed, world.meterpoints)
  const outside = outsideOf(world)
  const agreements = agreementsOf(world, homes, ledger)
  const meters = metersOf(world, homes, ledger)
  const from = startOf(startDay + (written.fromDay ?? -30))
  const to = startOf(startDay + (written.untilDay ?? days + 30))
  const place = (arrivedAt: number, name: string): string | undefined => {
    if (arrivedAt < from || arrivedAt >= to) return undefined
    const arrival = new Date(arrivedAt).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')
    const inside = join(folder, `arrived=${arrival}Z`)
    mkdirSync(inside, { recursive: true })
    return join(inside, name)
  }
  let [files, lines] = [0, 0]
  const deliver = (delivery: Delivery): void => {
    const path = place(delivery.arrivedAt, delivery.name)
    if (path === undefined) return
    writeFileSync(path, `${delivery.lines.join('\n')}\n`)
    files++
    lines += delivery.lines.length
  }
  for (const [i, { forecast, prices }] of outside.entries()) {
    const day = startDay + i
    const date = dateText(day)
    const known = startOf(day) - 6 * 3_600_000
    const price = (at: number): string =>
      JSON.stringify({ valid_from: new Date(at).toISOString(), pence_per_kwh: prices[slotOf(at)] ?? null })
    deliver({ name: `prices-${date}.jsonl`, arrivedAt: known, lines: halfHoursOf(day).map(price) })
    const weather = JSON.stringify({ date, temperature: Math.round(10 * forecast) / 10 })
    deliver({ name: `weather-${date}.jsonl`, arrivedAt: known + 3_600_000, lines: [weather] })
  }
  for (const day of exportDays(world)) {
    const exportedAt = startOf(startDay + day) - 3_600_000
    const path = place(exportedAt, 'registry.sqlite')
    if (path === undefined) continue
    files++
    using database = openFile(path)
    const fill = (table: string, rows: readonly object[]): void => insertRows(database, table, rows)
    const inExport = agreements.filter(({ exportDay }) => exportDay <= day)
    fill(
      'agreements',
      inExport.map(({ exportDay: _, ...row }) => row),
    )
    fill('products', products)
    fill(
      'meterpoints',
      homes.map(({ id, region }) => ({ meterpoint_id: id, region })),
    )
    const known = meters.filter(({ from: begins }) => begins <= exportedAt)
    fill(
      'meters',
      known.map(({ from: _, to, removed_at, ...meter }) => ({
        ...meter,
        removed_at: to <= exportedAt ? removed_at : null,
      })),
    )
    fill(
      'bank_holidays',
      bankHolidays.map(([date, name]) => ({ date, name })),
    )
  }
  for (const file of readingFiles(world, homes, meters, agreements, outside, ledger)) deliver(file)
  return { world, files, lines, ledger }
}

const TABLES: Readonly<Record<string, string>> = {
  agreements:
    'agreement_id INTEGER, account_id TEXT, meterpoint_id TEXT, product_id TEXT, valid_from TEXT, valid_to TEXT, ' +
    'status TEXT, updated_at TEXT',
  products: 'product_id TEXT, name TEXT, kind TEXT, pence REAL',
  meterpoints: 'meterpoint_id TEXT, region TEXT',
  meters: 'serial TEXT, meterpoint_id TEXT, installed_at TEXT, removed_at TEXT',
  bank_holidays: 'date TEXT, name TEXT',
}

function openFile(path: string): DatabaseSync & Disposable {
  const database = new DatabaseSync(path)
  for (const [table, columns] of Object.entries(TABLES)) database.exec(`CREATE TABLE ${table} (${columns})`)
  return Object.assign(database, { [Symbol.dispose]: () => database.close() })
}

function insertRows(database: DatabaseSync, table: string, rows: readonly object[]): void {
  const names = (TABLES[table] ?? '').split(', ').map((column) => column.split(' ')[0] ?? '')
  const insert = database.prepare(`INSERT INTO ${table} VALUES (${names.map(() => '?').join(', ')})`)
  database.exec('BEGIN')
  for (const row of rows) {
    const values = new Map<string, string | number | null>(Object.entries(row))
    insert.run(...names.map((name) => values.get(name) ?? null))
  }
  database.exec('COMMIT')
}
