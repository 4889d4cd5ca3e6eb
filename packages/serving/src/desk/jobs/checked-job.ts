import type { z } from 'zod'
import { nearestName } from '@martlet/warehouse'
import { Problem } from '../problem.ts'
import { shown } from '../shown.ts'
import { jobArguments, type JobArguments } from './job-arguments.ts'
import { isJobKind, JOB_KINDS, type JobKind } from './job-kinds.ts'
import type { JobLimits } from './job-limits.ts'

/** A job of one kind with its arguments. */
export type AskedJob = { readonly [K in JobKind]: { readonly kind: K; readonly arguments: JobArguments<K> } }[JobKind]

/**
 * Checks what a job is asked to do, apart from whether its names exist.
 *
 * @throws Problem `JOB_KIND_UNKNOWN`, `JOB_ARGUMENT_INVALID`, `FIELD_UNKNOWN` (400) or `JOB_TOO_LARGE` (413)
 */
export function checkedJob(kind: unknown, given: unknown, limits: Pick<JobLimits, 'argumentBytes'>): AskedJob {
  if (!isJobKind(kind)) {
    const suggestion = typeof kind === 'string' ? nearestName(kind, JOB_KINDS) : undefined
    const detail = `kind must be one of ${JOB_KINDS.join(', ')}, not ${shown(kind)}.`
    throw new Problem(400, 'JOB_KIND_UNKNOWN', detail, {
      path: 'kind',
      ...(suggestion === undefined ? {} : { suggestion }),
    })
  }
  const value = given === undefined ? {} : given
  if (Buffer.byteLength(JSON.stringify(value)) > limits.argumentBytes) {
    const detail = `The arguments have more than ${limits.argumentBytes} bytes.`
    throw new Problem(413, 'JOB_TOO_LARGE', detail, { path: 'arguments' })
  }
  switch (kind) {
    case 'materialize':
      return { kind, arguments: checked(jobArguments[kind], value) }
    case 'training-set':
      return { kind, arguments: checked(jobArguments[kind], value) }
    case 'score':
      return { kind, arguments: checked(jobArguments[kind], value) }
    case 'drift':
      return { kind, arguments: checked(jobArguments[kind], value) }
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const { data, error } = schema.safeParse(value)
  if (error === undefined) return data
  const problems = error.issues.flatMap((issue): readonly { readonly path: string; readonly detail: string }[] => {
    const path = pathOf(issue.path)
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ path: `${path}.${key.slice(0, 60)}`, detail: 'is not known here' }))
    if (issue.code === 'invalid_type') return [{ path, detail: `must be ${withArticle(issue.expected)}` }]
    return [{ path, detail: issue.message }]
  })
  const [first = { path: 'arguments', detail: 'is wrong' }] = problems
  const code = error.issues[0]?.code === 'unrecognized_keys' ? 'FIELD_UNKNOWN' : 'JOB_ARGUMENT_INVALID'
  throw new Problem(400, code, `${first.path} ${first.detail}.`, {
    path: first.path,
    ...(problems.length > 1 ? { problems } : {}),
  })
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${String(part)}`),
    'arguments',
  )
}

function withArticle(type: string): string {
  if (type === 'int') return 'a whole number'
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`
}
