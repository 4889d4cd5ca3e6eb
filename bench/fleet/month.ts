// A fleet's month at one reading per minute: load, materialize every night, score every night, each beside plain SQL that
// writes the same rows. The default is 1,000 vehicles over 30 days: 43.6 million rows delivered, 43.2 million kept.
// node --conditions=@martlet/source bench/fleet/month.ts      VEHICLES, DAYS, ROUNDS, MEMORY
import { join } from 'node:path'
import process from 'node:process'
import {
  applyDefinitions,
  everyGrid,
  materialize,
  openCatalog,
  openLmdbStore,
  planDefinitions,
} from '@martlet/feature-store'
import { folderArtifacts, linearRegressionOnnx, openRegistry } from '@martlet/registry'
import { load, openDuckDb, rowsOf, sql, type Warehouse } from '@martlet/warehouse'
import { scoreSpine } from 'martlet'
import { checkEqual } from '../measure/check-equal.ts'
import { runSideIfChild, type Clock, type Side } from '../measure/child.ts'
import { gigabytes, medianOf, printRatio, printTable, text } from '../measure/report.ts'
import { median } from '../measure/statistics.ts'
import { setting, takeTurns, withFolder, type Measured } from '../measure/turns.ts'
import { DAY, makeTelemetry, START } from './telemetry.ts'
import { fleetService, vehicleDay, vehicleDayFeatures, vehicleDaysByHand } from './vehicle-day.ts'

const vehicles = setting('VEHICLES', 1000)
const days = setting('DAYS', 30)
const rounds = setting('ROUNDS', 1)
const memoryLimit = process.env['MEMORY'] ?? '4GB'
const FIRST = START + DAY
const LAST = START + days * DAY

const open = (folder: string) => openDuckDb({ path: join(folder, 'bench.duckdb'), memoryLimit })
const catalogOf = (folder: string) => openCatalog({ path: join(folder, 'catalog.db') })
const registryOf = (folder: string, catalog: Awaited<ReturnType<typeof catalogOf>>) =>
  openRegistry({ db: catalog.db, artifacts: folderArtifacts(join(folder, 'artifacts')) })

const weights = vehicleDayFeatures.map((_, i) => 1 / (i + 8))
/** Float32 arithmetic of the model, in SQL: the sum in the order of the features. */
const scoreByHand = sql.join(
  vehicleDayFeatures.map(
    (name, i) => sql`CAST(COALESCE(${sql.id(name)}, 0) AS FLOAT) * CAST(${sql.lit(weights[i] ?? 0)} AS FLOAT)`,
  ),
  sql` + `,
)

const query = sql`
  SELECT vehicle_id, recorded_at, odometer_km, engine_hours, fuel_l, speed_kmh, engine_temp_c, fault_code,
    _loaded_at AS arrived_at
  FROM raw.telemetry
`

const loadMartlet: Side = async (folder, clock) => {
  await using warehouse = await open(folder)
  const report = await clock.time('load', () =>
    load(
      warehouse,
      {
        name: 'telemetry',
        from: { query },
        into: 'mart.telemetry',
        key: ['vehicle_id', 'recorded_at'],
        loadedAt: 'arrived_at',
      },
      { until: BigInt(LAST + DAY) * 1000n },
    ),
  )
  clock.note('rows', report.inserted)
}

const sides: Readonly<Record<string, Side>> = {
  'load: Martlet': loadMartlet,
  'load: SQL by hand': async (folder, clock) => {
    await using warehouse = await open(folder)
    await clock.time('load', () =>
      warehouse.run(sql`
      INSERT INTO mart.telemetry
      SELECT * FROM (${query}) l
      QUALIFY ROW_NUMBER() OVER (PARTITION BY vehicle_id, recorded_at ORDER BY arrived_at DESC) = 1
    `),
    )
  },
  'materialize: Martlet': async (folder, clock) => {
    await using warehouse = await open(folder)
    await using catalog = await catalogOf(folder)
    await using online = openLmdbStore({ path: join(folder, 'online') })
    await clock.time('materialize', () =>
      materialize({
        warehouse,
        catalog,
        online,
        views: [vehicleDay],
        from: new Date(FIRST),
        now: new Date(LAST),
      }),
    )
  },
  'materialize: SQL by hand': async (folder, clock) => {
    await using warehouse = await open(folder)
    await warehouse.run(sql`CREATE SCHEMA by_hand`)
    await clock.time('materialize', () =>
      warehouse.run(
        sql`CREATE TABLE by_hand.vehicle_day AS ${vehicleDaysByHand(FIRST, LAST)} ORDER BY vehicle_id, feature_time`,
      ),
    )
  },
  'score: Martlet': async (folder, clock) => {
    await using warehouse = await open(folder)
    await using catalog = await catalogOf(folder)
    const registry = await registryOf(folder, catalog)
    const scores = await clock.time('score', () =>
      scoreSpine({
        warehouse,
        catalog,
        registry,
        model: { model: 'fleet', version: 1 },
        service: fleetService,
        spine: everyGrid({ of: vehicleDay, from: new Date(FIRST), to: new Date(LAST + 1), every: '1d' }),
        time: 'at',
        into: { table: 'scores.fleet' },
        from: 'materialized',
        actor: 'bench',
      }),
    )
    clock.note('rows', scores.rows)
  },
  'score: SQL by hand': async (folder, clock) => {
    await using warehouse = await open(folder)
    await warehouse.run(sql`CREATE SCHEMA by_hand`)
    await clock.time('score', () =>
      warehouse.run(sql`
      CREATE TABLE by_hand.fleet AS SELECT vehicle_id, feature_time AS at, ${scoreByHand} AS prediction FROM features.vehicle_day`),
    )
  },
}
await runSideIfChild(sides)

/** What the table holds after each side's load. */
const loaded = new Map<string, string>()

await withFolder(async (folder) => {
  {
    await using warehouse = await open(folder)
    await makeTelemetry(warehouse, { vehicles, days })
    const [counted] = rowsOf<{ n: number }>(await warehouse.read(sql`SELECT COUNT(*) AS n FROM raw.telemetry`))
    console.log(
      `${vehicles.toLocaleString('en')} vehicles, ${days} days, ${counted?.n.toLocaleString('en')} rows in raw, ` +
        `memory limit ${memoryLimit}, ${medianOf(rounds)}\n`,
    )
  }
  const loads = await turns(folder, 'load', checkLoads)
  await inFolder(folder, 'load: Martlet')
  const runs = await turns(folder, 'materialize', checkRows)
  await inFolder(folder, 'materialize: Martlet')
  await register(folder)
  const scores = await turns(folder, 'score', checkScores)
  print(new Map([...loads, ...runs, ...scores]))
})

function turns(
  folder: string,
  what: string,
  after: (side: string, folder: string) => Promise<void>,
): Promise<Measured> {
  const of = Object.keys(sides).filter((side) => side.startsWith(`${what}:`))
  return takeTurns({ script: import.meta.filename, sides: of, folder, rounds, copies: true, warmUp: false, after })
}

/** What a side does, done once in the folder itself, for what comes next. */
async function inFolder(folder: string, side: string): Promise<void> {
  const quiet: Clock = { time: (_, work) => work(), note: () => {} }
  await sides[side]?.(folder, quiet)
}

async function register(folder: string): Promise<void> {
  await using catalog = await catalogOf(folder)
  await applyDefinitions(catalog, await planDefinitions(catalog, [fleetService]))
  const registry = await registryOf(folder, catalog)
  const names = vehicleDayFeatures.map((name) => `vehicle_day__${name}`)
  await registry.register({
    model: 'fleet',
    onnx: linearRegressionOnnx({ features: names, weights, bias: 0, impute: names.map(() => 0) }),
    service: fleetService.plan,
    goldenRows: { inputs: [names.map(() => 0)], outputs: { prediction: [0] }, tolerance: { absolute: 0, relative: 0 } },
    actor: 'bench',
  })
}

async function checkLoads(side: string, folder: string): Promise<void> {
  await using warehouse = await open(folder)
  loaded.set(side, await fingerprint(warehouse))
  if (new Set(loaded.values()).size > 1) throw new Error(`The loads differ: ${JSON.stringify([...loaded])}`)
}

/** Counts and sums of everything, in whole numbers. */
async function fingerprint(warehouse: Warehouse): Promise<string> {
  const rows = await warehouse.read(sql`
    SELECT COUNT(*) AS n, COUNT(DISTINCT vehicle_id) AS vehicles, SUM(hash(COLUMNS(*)::VARCHAR) % 1000003) FROM mart.telemetry
  `)
  return JSON.stringify(rowsOf(rows), (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))
}

async function checkRows(side: string, folder: string): Promise<void> {
  if (side !== 'materialize: Martlet') return
  await using warehouse = await open(folder)
  await checkEqual(warehouse, {
    what: 'Martlet against SQL by hand',
    left: sql`features.vehicle_day`,
    right: sql`(${vehicleDaysByHand(FIRST, LAST)})`,
    keys: ['vehicle_id', 'feature_time'],
    columns: vehicleDayFeatures.map((name) => ({ left: name, right: name })),
    nullIsZero: true,
  })
}

async function checkScores(side: string, folder: string): Promise<void> {
  if (side !== 'score: Martlet') return
  await using warehouse = await open(folder)
  const [counts] = rowsOf<{ rows: number; far: number }>(
    await warehouse.read(sql`
    SELECT COUNT(*) AS rows, COUNT(*) FILTER (
      WHERE f.feature_time IS NULL OR ABS(s.prediction - (${scoreByHand})) > 1e-5 * ABS(s.prediction)) AS far
    FROM scores.fleet s LEFT JOIN features.vehicle_day f ON f.vehicle_id = s.vehicle_id AND f.feature_time = s.at
  `),
  )
  if (counts?.rows !== vehicles * days || counts.far !== 0) throw new Error(`Scores differ: ${JSON.stringify(counts)}`)
}

function print(measured: Measured): void {
  const rows = { load: vehicles * days * 1440, materialize: vehicles * days * 1440, score: vehicles * days }
  printTable(
    ['what', 's', 's of processor', 'peak', 'rows/s'],
    [...measured].map(([side, runs]) => {
      const seconds = median(runs.map((run) => run.seconds))
      const count = Object.entries(rows).find(([what]) => side.startsWith(what))?.[1] ?? 0
      return [
        side,
        text(seconds),
        text(median(runs.map(({ processor }) => processor))),
        gigabytes(median(runs.map(({ peak }) => peak))),
        Math.round(count / seconds).toLocaleString('en'),
      ]
    }),
  )
  for (const what of Object.keys(rows))
    printRatio(
      measured,
      `a month of a fleet, ${what}: Martlet / SQL by hand`,
      `${what}: Martlet`,
      `${what}: SQL by hand`,
    )
}
