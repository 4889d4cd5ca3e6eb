import { openMemoryStore } from '@martlet/feature-store'
import { fixedCatalog, serving, type ModelSource, type ServingApp, type ServingOptions } from '../../../src/index.ts'
import { publishEnergy, usageOnly } from '../../support/energy.ts'

export const elements: readonly string[] = [
  'bool',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'int8',
  'int16',
  'int32',
  'int64',
  'float16',
  'float32',
  'float64',
  'string',
]

/** A model per element type, called like it, that answers the only tensor it is given; `rows` fixes the rows of all of them. */
export function mirrors(rows: number | null = null): ModelSource {
  return {
    aliases: () => elements.map((model) => ({ model, alias: 'champion', version: 1 })),
    models: () => [],
    versions: () => [],
    history: () => [],
    load: async (model, version) => ({
      model,
      version,
      sha256: 'c'.repeat(64),
      service: 'usage_only',
      definitionHashes: {},
      fields: [],
      predict: async () => ({}),
      tensors: {
        inputs: [{ name: 'x', element: model, shape: [rows, null] }],
        outputs: [{ name: 'y', element: model, shape: [rows, null], labels: ['first', 'second', 'third'] }],
        batch: rows,
        run: async ({ x }) => {
          if (x === undefined || x.data instanceof DataView) throw new Error('no tensor')
          const data = x.data
          if (!isList(data)) throw new Error('no values')
          return { y: { element: x.element, dims: x.dims, data } }
        },
      },
      release: async () => undefined,
    }),
  }
}

function isList(data: unknown): data is ArrayLike<number | bigint | string> {
  return Array.isArray(data) || (ArrayBuffer.isView(data) && !(data instanceof DataView))
}

export async function serveMirrors(options: Partial<ServingOptions> = {}): Promise<ServingApp> {
  const online = openMemoryStore()
  await publishEnergy(online)
  return serving({
    catalog: fixedCatalog({ services: [usageOnly.plan] }),
    online,
    registry: mirrors(),
    auth: 'none',
    limits: { deadlineMs: 60_000 },
    ...options,
  })
}
