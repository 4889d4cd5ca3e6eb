import type { ModelSource, ServableModel } from '../../../src/index.ts'

/** A model that answers the sum of its features. */
export function sumOf(model: string, version: number, service: string, fields: readonly string[]): ServableModel {
  return {
    model,
    version,
    sha256: 'a'.repeat(64),
    service,
    definitionHashes: {},
    fields: fields.map((field) => ({ field, type: 'double', missing: 'nan' })),
    predict: async (vectors) => ({
      sum: {
        element: 'float64',
        dims: [vectors.rows, 1],
        data: Float64Array.from({ length: vectors.rows }, (_, row) =>
          fields.reduce((sum, _name, field) => sum + Number(vectors.value(row, field)), 0),
        ),
      },
    }),
    release: async () => undefined,
  }
}

/** The model `scorer` on `small`, with one version and the alias champion. */
export const scorer: ModelSource = {
  aliases: () => [{ model: 'scorer', alias: 'champion', version: 1 }],
  models: () => [{ name: 'scorer', aliases: [{ alias: 'champion', version: 1 }] }],
  versions: () => [],
  history: () => [],
  load: async (model, version) =>
    sumOf(
      model,
      version,
      'small',
      ['f0', 'f1', 'f2', 'f3', 'f4'].map((column) => `narrow__${column}`),
    ),
}
