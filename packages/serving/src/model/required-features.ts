import type { VectorWriter } from '../features/vector-writer.ts'
import { Problem } from '../http/problem.ts'
import { shown } from '../http/suggest.ts'
import type { ServableModel } from './model-source.ts'
import type { FilledRows } from './filled-rows.ts'

/** How much of a row must be there for it to be predicted: `some` refuses entities of which nothing is known. */
export type Required = 'any' | 'some' | 'all'

/** Problems that one refusal names. */
const namedProblems = 100

/** `requireFeatures` of a body; left out, a row is predicted whatever is missing. */
export function featuresRequired(value: unknown): Required {
  if (value === undefined) return 'any'
  if (value === 'some' || value === 'all') return value
  const detail = `requireFeatures must be "some" (refuse entities of which nothing is known) or "all", not ${shown(value)}`
  throw new Problem(400, 'REQUIRE_INVALID', detail, { path: 'requireFeatures' })
}

/** Refuses rows that lack a feature which the model has no way to take as missing, or more than the caller allows. */
export function refuseMissing(
  model: ServableModel,
  filled: readonly FilledRows[],
  writer: VectorWriter,
  required: Required,
): void {
  const problems: { readonly path: string; readonly detail: string }[] = []
  let code = 'FEATURE_MISSING'
  const strict = [...model.fields.entries()].filter(([, { missing }]) => missing === 'refused')
  for (const { vectors, firstRow } of filled) {
    for (let row = 0; row < vectors.rows && problems.length < namedProblems; row++) {
      const path = `keys[${firstRow + row}]`
      for (const [field, { field: name }] of strict) {
        const status = vectors.status(row, field)
        if (status === 'PRESENT' || problems.length >= namedProblems) continue
        problems.push({
          path,
          detail: `feature ${name} is ${status} and model ${model.model} takes no missing value there`,
        })
      }
      if (required === 'any' || problems.at(-1)?.path === path) continue
      const present = writer.presence(vectors, row)
      if (present === 'all' || (required === 'some' && present === 'some')) continue
      if (problems.length === 0) code = 'FEATURES_REQUIRED'
      const nothing = 'none of its features is there, so nothing is known of this entity'
      problems.push({ path, detail: present === 'none' ? nothing : 'some of its features are missing' })
    }
  }
  const [first] = problems
  if (first !== undefined)
    throw new Problem(422, code, `${first.path}: ${first.detail}`, { path: first.path, problems })
}
