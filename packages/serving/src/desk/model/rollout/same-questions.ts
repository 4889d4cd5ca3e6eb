import { serviceKeys, serviceRequest } from '@martlet/feature-store'
import type { PreparedRead } from '../../features/prepared-read.ts'
import type { ServableModel } from '../model-source.ts'

/** Whether two models can answer the same requests: those with the same keys that bring the same values. */
export function sameQuestions(left: PreparedRead, right: PreparedRead): boolean {
  const asked = ({ keys, request, plan }: PreparedRead): string =>
    JSON.stringify([
      keys.columns,
      request?.columns ?? [],
      [...serviceKeys(plan), ...serviceRequest(plan)].map(({ name, type }) => [name, type]),
    ])
  return asked(left) === asked(right)
}

/** Whether two models take the same vectors, so that one can run on what was read for the other. */
export function sameVectors(left: ServableModel, right: ServableModel): boolean {
  const read = ({ service, fields, definitionHashes }: ServableModel): string =>
    JSON.stringify([
      service,
      fields.map(({ field, type, default: given }) => [field, type, String(given)]),
      hashes(definitionHashes),
    ])
  return read(left) === read(right)
}

function hashes(definitionHashes: ServableModel['definitionHashes']): readonly (readonly [string, string])[] {
  return Object.entries(definitionHashes).toSorted(([left], [right]) => (left < right ? -1 : 1))
}
