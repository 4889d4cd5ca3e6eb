import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import {
  folderArtifacts,
  linearRegressionOnnx,
  openRegistry,
  type Registration,
  type Registry,
  type RegistryOptions,
} from '../../src/index.ts'
import { newPlace, openPlace, type OpenPlace, type Place } from './places.ts'
import { service } from './services.ts'

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-registry-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export async function temporaryRegistry(
  options: Partial<RegistryOptions<unknown>> = {},
): Promise<{ registry: Registry; folder: string; db: OpenPlace['db']; place: Place }> {
  const folder = await temporaryFolder()
  const place = await newPlace(folder)
  const { db, dialect, close } = await openPlace(place)
  onTestFinished(close)
  const registry = await openRegistry({
    artifacts: folderArtifacts(join(folder, 'artifacts')),
    dialect,
    ...options,
    db,
  })
  return { registry, folder, db, place }
}

export const twoFeatures = service([{ name: 'kwh_7d' }, { name: 'kwh_28d', nullable: true }])

/** y = 2 a + 3 b + bias, with b taken as 10 when it is missing. Another bias makes another artifact. */
export function linear(bias: number, more: Partial<Registration> = {}): Registration {
  return {
    model: 'next_day',
    onnx: linearRegressionOnnx({
      features: ['usage__kwh_7d', 'usage__kwh_28d'],
      weights: [2, 3],
      bias,
      impute: [null, 10],
    }),
    service: twoFeatures,
    goldenRows: {
      inputs: [{ usage__kwh_7d: 1, usage__kwh_28d: 2 }, [4, null]],
      outputs: { prediction: [8 + bias, 38 + bias] },
      // 8 and 38 plus a bias below 2^20 are exact in float32; a larger relative slack would hide a wrong bias
      tolerance: { absolute: 0, relative: 1e-6 },
    },
    actor: 'trainer',
    ...more,
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

export const fixture = (name: string): Promise<Buffer> => readFile(new URL(`../fixtures/${name}.onnx`, import.meta.url))
