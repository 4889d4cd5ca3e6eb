import {
  buildTrainingSet,
  materialize,
  openCatalog,
  type MaterializedView,
  type TrainingSet,
} from '@martlet/feature-store'
import * as product from '../../definitions/index.ts'
import { fillMart, type FilledMart } from '../../src/fill-mart.ts'
import { deliver } from '../../src/generate/deliver.ts'
import { simulate } from '../../src/generate/simulate.ts'
import config from '../../martlet.config.ts'
import { oftenFaulty } from '../support/often-faulty.ts'
import type { DeployedEngine } from './engines.ts'

// Clocks go forward in Zurich in the last week but one.
const START = Date.parse('2025-03-03')
const DAYS = 35
const world = simulate({
  seed: 6,
  vehicles: 4,
  days: DAYS,
  start: new Date(START),
  customers: 5,
  locations: 12,
  faults: oftenFaulty,
})
const day = (number: number): Date => new Date(START + number * 86_400_000)
const NOW = day(DAYS)

/** Every third tier of this world is misspelt. */
const quality = { severity: { ...config.quality?.severity, 'mart.dim_customer.tiers_mostly_valid': 'warn' as const } }

/** The views of all five products. */
export const views = Object.values(product).flatMap((one) => ('kind' in one && one.kind === 'view' ? [one.plan] : []))

/** What the parts of the work said of themselves. */
export interface ExampleRun {
  readonly filled: FilledMart
  readonly views: readonly MaterializedView[]
  readonly sets: readonly TrainingSet[]
}

/** Delivers a small world, loads it, materializes all views for its last two days and builds both training sets, each as its role. */
export async function runExample(engine: DeployedEngine): Promise<ExampleRun> {
  await deliver(engine.as('ADMIN'), world)
  const filled = await fillMart(engine.as('LOADER'))
  await using catalog = await openCatalog({ path: ':memory:' })
  const written = await materialize({
    warehouse: engine.as('MATERIALIZER'),
    catalog,
    views,
    now: NOW,
    from: day(DAYS - 2),
    quality,
  })
  const common = { warehouse: engine.as('TRAINER'), time: 'at', asOf: NOW } as const
  const risk = await buildTrainingSet({
    ...common,
    service: product.maintenanceRisk,
    spine: product.everyVehicle(day(7).toISOString(), day(28).toISOString()),
    labels: [product.fails],
  })
  const delay = await buildTrainingSet({
    ...common,
    service: product.deliveryDelay,
    spine: product.everyShipment,
    labels: [product.minutesLate, product.late],
  })
  return { filled, views: written, sets: [risk, delay] }
}
