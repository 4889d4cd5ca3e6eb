import type { EnergyDefinitions } from '../definitions/next-day.ts'
import type { Narrator } from './narrator.ts'
import type { DemoProject } from './project.ts'
import type { DemoSource } from './source.ts'

/** What every step of a run works with. */
export interface DemoRun {
  readonly say: Narrator
  readonly project: DemoProject
  readonly definitions: EnergyDefinitions
  readonly source: DemoSource
  /** A path as it is printed. */
  readonly shown: (path: string) => string
}
