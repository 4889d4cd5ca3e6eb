import { nearestName } from '@martlet/warehouse'
import { Problem } from '../problem.ts'
import { shown } from '../shown.ts'
import { isBuiltIn, type AskedJob } from './checked-job.ts'

/** What a caller may name in a job. */
export interface JobNames {
  views(): Iterable<string>
  models(): Promise<Iterable<string>>
  trainingSets(): Iterable<string>
  monitors(): Iterable<string>
}

/**
 * Checks that everything that a job names is there.
 *
 * @throws Problem `VIEW_UNKNOWN`, `MODEL_UNKNOWN`, `TRAINING_SET_UNKNOWN` or `MONITOR_UNKNOWN` (404)
 */
export async function checkNames(job: AskedJob, names: JobNames): Promise<void> {
  if (!isBuiltIn(job)) return
  switch (job.kind) {
    case 'materialize':
      for (const [index, view] of (job.arguments.views ?? []).entries())
        mustBe('view', view, names.views(), `arguments.views[${index}]`)
      return
    case 'training-set':
      return mustBe('training set', job.arguments.name, names.trainingSets(), 'arguments.name')
    case 'score': {
      const { model, of } = job.arguments
      mustBe('model', model, await names.models(), 'arguments.model')
      if (of !== undefined) mustBe('view', of, names.views(), 'arguments.of')
      return
    }
    case 'drift': {
      const { monitor } = job.arguments
      if (monitor !== undefined) mustBe('monitor', monitor, names.monitors(), 'arguments.monitor')
    }
  }
}

const CODES = {
  view: 'VIEW_UNKNOWN',
  model: 'MODEL_UNKNOWN',
  'training set': 'TRAINING_SET_UNKNOWN',
  monitor: 'MONITOR_UNKNOWN',
} as const

function mustBe(kind: keyof typeof CODES, name: string, known: Iterable<string>, path: string): void {
  const all = [...known]
  if (all.includes(name)) return
  const suggestion = nearestName(name, all)
  const hint = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`
  throw new Problem(404, CODES[kind], `There is no ${kind} ${shown(name)}.${hint}`, {
    path,
    ...(suggestion === undefined ? {} : { suggestion }),
  })
}
