import { Problem } from '../problem.ts'
import type { VersionAnswer } from './registered-model.ts'

/** The 404 problem for a version that a model does not have. */
export function unknownVersion(model: string, version: number, versions: readonly VersionAnswer[]): Problem {
  const newest = versions[0]?.version
  const known = newest === undefined ? 'It has no version.' : `Its newest is ${newest}.`
  return new Problem(404, 'VERSION_UNKNOWN', `Model ${model} has no version ${version}. ${known}`, { path: 'version' })
}
