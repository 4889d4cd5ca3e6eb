import type { VectorWriter } from '../../features/vector-writer.ts'
import { Problem } from '../../problem.ts'
import { shown } from '../../shown.ts'
import type { FilledRows } from './filled-rows.ts'
import type { ServableModel } from '../model-source.ts'

/** How much of a row must be there to be predicted. `some` refuses entities about which nothing is known. */
export type Required = 'any' | 'some' | 'all'

/** Problems that one refusal lists. */
const LISTED_PROBLEMS = 100

/**
 * `requireFeatures` of a body. Without it, a row is predicted whatever is missing.
 *
 * @throws Problem `REQUIRE_INVALID` (400) when it is another value
 */
export function requiredFeatures(value: unknown): Required {
  if (value === undefined) return 'any'
  if (value === 'some' || value === 'all') return value
  const choices = '"some" (refuse entities about which nothing is known) or "all"'
  const detail = `requireFeatures must be ${choices}, not ${shown(value)}.`
  throw new Problem(400, 'REQUIRE_INVALID', detail, { path: 'requireFeatures' })
}

/**
 * Checks that every row can be predicted.
 *
 * @throws Problem `FEATURE_MISSING` (422) when a row lacks a feature that the model cannot do without
 * @throws Problem `FEATURES_REQUIRED` (422) when a row lacks more than the caller allows
 */
export function refuseMissing(
  model: ServableModel,
  filled: readonly FilledRows[],
  writer: VectorWriter,
  required: Required,
): void {
  const strict = strictOf(model)
  if (strict.length === 0 && required === 'any') return
  const problems: { readonly path: string; readonly detail: string }[] = []
  let code: 'FEATURE_MISSING' | 'FEATURES_REQUIRED' = 'FEATURE_MISSING'
  for (const { vectors, firstRow } of filled) {
    for (let row = 0; row < vectors.rows && problems.length < LISTED_PROBLEMS; row++) {
      const path = `keys[${firstRow + row}]`
      for (const [field, { field: name }] of strict) {
        const status = vectors.status(row, field)
        if (status === 'PRESENT' || problems.length >= LISTED_PROBLEMS) continue
        const detail = `Feature ${name} is ${status}, and model ${model.model} accepts no missing value there.`
        problems.push({ path, detail })
      }
      if (required === 'any' || problems.at(-1)?.path === path) continue
      const present = writer.presence(vectors, row)
      if (present === 'all' || (required === 'some' && present === 'some')) continue
      if (problems.length === 0) code = 'FEATURES_REQUIRED'
      const nothing = 'All of its features are missing, so nothing is known about this entity.'
      problems.push({ path, detail: present === 'none' ? nothing : 'Some of its features are missing.' })
    }
  }
  const [first] = problems
  if (first !== undefined)
    throw new Problem(422, code, `${first.path}: ${first.detail}`, { path: first.path, problems })
}

type StrictFields = readonly (readonly [field: number, about: ServableModel['fields'][number]])[]

const strictFields = new WeakMap<ServableModel, StrictFields>()

/** The fields that a model cannot do without, by their place in the vector. */
function strictOf(model: ServableModel): StrictFields {
  const known = strictFields.get(model)
  if (known !== undefined) return known
  const found = [...model.fields.entries()].filter(([, { missing }]) => missing === 'refused')
  strictFields.set(model, found)
  return found
}
