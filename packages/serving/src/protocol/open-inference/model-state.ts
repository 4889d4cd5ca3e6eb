import type { VersionAnswer } from '../../desk/model/registered-model.ts'
import type { ServedModels } from '../../desk/model/served-models.ts'
import { DEFAULT_ALIAS, TAKEN_NAME } from './named-model.ts'

/** Whether a version answers, in the words of the repository extension. */
export interface ModelState {
  readonly state: 'READY' | 'LOADING' | 'UNAVAILABLE'
  readonly reason: string
}

/** The state of a version that is not deleted. One that no alias names is ready too, since its first request loads it. */
export function stateOf({ live }: ServedModels, { model, version, status, aliases }: VersionAnswer): ModelState {
  if (model === TAKEN_NAME) return { state: 'UNAVAILABLE', reason: `the name ${TAKEN_NAME} is that of the statistics` }
  if (live.loadedOf(model).some((loaded) => loaded.version === version)) return { state: 'READY', reason: '' }
  const failure = live.failures.find((one) => one.model === model && one.version === version)
  if (failure !== undefined) return { state: 'UNAVAILABLE', reason: `it could not be loaded (${failure.code})` }
  if (status === 'FAILED') return { state: 'UNAVAILABLE', reason: 'a check could no longer run it' }
  if (aliases.includes(DEFAULT_ALIAS)) return { state: 'LOADING', reason: 'it is about to be loaded' }
  return { state: 'READY', reason: 'the first request loads it' }
}
