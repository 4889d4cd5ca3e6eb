import { z } from 'zod'
import { Problem } from '../../desk/problem.ts'
import { GUARDED } from '../route-parts.ts'
import type { ProtocolRoute } from '../protocol.ts'
import { COMMON } from './mlflow-error.ts'

type Write = readonly [method: ProtocolRoute['method'], path: string, instead: string]

/** What MLflow's clients can change, and what changes it here. */
const WRITES: readonly Write[] = [
  ['POST', 'registered-models/create', 'import'],
  ['POST', 'registered-models/rename', 'register'],
  ['PATCH', 'registered-models/update', 'register --description'],
  ['DELETE', 'registered-models/delete', 'archive'],
  ['POST', 'registered-models/set-tag', 'tag'],
  ['DELETE', 'registered-models/delete-tag', 'tag --remove'],
  ['POST', 'registered-models/alias', 'promote'],
  ['DELETE', 'registered-models/alias', 'rollback'],
  ['POST', 'model-versions/create', 'import'],
  ['PATCH', 'model-versions/update', 'register --description'],
  ['DELETE', 'model-versions/delete', 'archive'],
  ['POST', 'model-versions/set-tag', 'tag --of'],
  ['DELETE', 'model-versions/delete-tag', 'tag --of … --remove'],
  ['POST', 'model-versions/transition-stage', 'promote'],
]

/** The routes that would change the registry. They refuse without reading what they are sent, and say which command does it. */
export function writeRoutes(): readonly ProtocolRoute[] {
  return WRITES.map(([method, path, instead]) => ({
    ...COMMON,
    id: `mlflow${idOf(method, path)}`,
    method,
    path: `/api/2.0/mlflow/${path}`,
    summary: 'Refused: the registry is read-only over MLflow',
    scope: 'catalog:read',
    parameters: {},
    answer: z.strictObject({}),
    problems: method === 'POST' ? [...GUARDED, 415] : GUARDED,
    handle() {
      const detail = `This registry is read-only over MLflow. Use martlet models ${instead} instead.`
      throw new Problem(403, 'MLFLOW_READ_ONLY', detail)
    },
  }))
}

function idOf(method: string, path: string): string {
  const words = [method.toLowerCase(), ...path.split(/[/-]/)]
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}
