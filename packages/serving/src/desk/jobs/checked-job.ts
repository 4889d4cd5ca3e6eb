import { z } from 'zod'
import { nearestName } from '@martlet/warehouse'
import { Problem } from '../problem.ts'
import { shown } from '../shown.ts'
import { jobArguments, type JobArguments } from './job-arguments.ts'
import { isJobKind, JOB_KINDS, type DeclaredKind, type JobKind } from './job-kinds.ts'
import type { JobLimits } from './job-limits.ts'

/** A job of one of Martlet's own kinds with its arguments. */
export type BuiltInJob = { readonly [K in JobKind]: { readonly kind: K; readonly arguments: JobArguments<K> } }[JobKind]

/** A job of a kind that a project declares. */
export interface DeclaredJob {
  readonly kind: string
  readonly arguments: Readonly<Record<string, unknown>>
}

/** A job of one kind with its arguments. */
export type AskedJob = BuiltInJob | DeclaredJob

export function isBuiltIn(job: AskedJob): job is BuiltInJob {
  return isJobKind(job.kind)
}

/**
 * Checks what a job is asked to do, apart from whether its names exist.
 *
 * @throws Problem `JOB_KIND_UNKNOWN`, `JOB_ARGUMENT_INVALID`, `FIELD_UNKNOWN` (400) or `JOB_TOO_LARGE` (413)
 */
export function checkedJob(
  kind: unknown,
  given: unknown,
  limits: Pick<JobLimits, 'argumentBytes'>,
  declared: readonly DeclaredKind[] = [],
): AskedJob {
  const own = declared.find(({ name }) => name === kind)
  if (!isJobKind(kind) && own === undefined) {
    const kinds = [...JOB_KINDS, ...declared.map(({ name }) => name)]
    const suggestion = typeof kind === 'string' ? nearestName(kind, kinds) : undefined
    const detail = `kind must be one of ${kinds.join(', ')}, not ${shown(kind)}.`
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
  if (!isJobKind(kind)) return declaredJob(own, value)
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

/** The arguments are kept as they were given: whoever does the job reads them with the same schema. */
function declaredJob(kind: DeclaredKind | undefined, value: unknown): DeclaredJob {
  if (kind === undefined) throw new Error('the kind was looked up before')
  checked(kind.input, value)
  const given = z.record(z.string(), z.unknown()).safeParse(value).data
  if (given === undefined)
    throw new Problem(400, 'JOB_ARGUMENT_INVALID', 'arguments must be an object.', { path: 'arguments' })
  return { kind: kind.name, arguments: given }
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
