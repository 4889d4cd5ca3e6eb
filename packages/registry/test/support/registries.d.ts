import { type Registration, type Registry, type RegistryOptions } from '../../src/index.ts'
import { type OpenPlace, type Place } from './places.ts'
export declare function temporaryFolder(): Promise<string>
export declare function temporaryRegistry(options?: Partial<RegistryOptions<unknown>>): Promise<{
  registry: Registry
  folder: string
  db: OpenPlace['db']
  place: Place
}>
export declare const twoFeatures: import('@martlet/feature-store').ServicePlan
/** y = 2 a + 3 b + bias, with b taken as 10 when it is missing. Another bias makes another artifact. */
export declare function linear(bias: number, more?: Partial<Registration>): Registration
export declare function collect<T>(items: AsyncIterable<T>): Promise<T[]>
export declare const fixture: (name: string) => Promise<Buffer>
