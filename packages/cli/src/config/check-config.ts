import { MartletError, nearestName } from '@martlet/warehouse'
import { z } from 'zod'
import { alertsSchema, channelNames, unknownChannels } from './alerts-schema.ts'
import * as catalogs from '../place/catalogs.ts'
import { choiceSchema } from '../place/chosen.ts'
import { localPath } from '../place/local-path.ts'
import * as onlineStores from '../place/online-stores.ts'
import { valueAt } from '../place/value-at.ts'
import * as warehouses from '../place/warehouses.ts'
import { auditSchema, authSchema, tlsSchema } from './access-schema.ts'
import { kafkaSchema } from './kafka-config.ts'
import type { MartletConfig } from './martlet-config.ts'
import { jobsSchema } from './jobs-schema.ts'
import { pipelineSchema, pipelineStepProblem } from './pipeline-schema.ts'
import { looksBack, profileSchema, referenceSchema } from './reference-config.ts'
import { loads, snapshots } from './step-config.ts'
import { wordsOf } from './schedule-config.ts'
import { policySchema } from './policy-schema.ts'
import { scheduleSchema, type StepProblem } from './schedule-schema.ts'
import { paritySchema } from './parity-config.ts'
import { truthSchema } from './truth-config.ts'
import { sameTable, trainingTable } from './training-tables.ts'

const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'must be a name: letters, digits, _, . and -')
const duration = z.string().regex(/^\d+(\.\d+)?[mhdw]$/, "must be a duration such as '6h', '1d' or '2w'")

/** As many as `--windows` takes. */
const MOST_WINDOWS = 1000

/** A path, or what `everyGrid` or `whenever` made. */
const spine = z.unknown().superRefine((given, context) => {
  if (typeof given === 'object' && given !== null && 'kind' in given && 'plan' in given) return
  const { error } = localPath.safeParse(given)
  for (const { code, message } of error?.issues ?? [])
    context.addIssue(code === 'invalid_type' ? { code, expected: 'string', message } : { code: 'custom', message })
})

const configuration = z.strictObject({
  warehouse: z.unknown(),
  catalog: z.unknown(),
  online: z.unknown(),
  artifacts: z.strictObject({ folder: localPath }),
  definitions: z.custom<MartletConfig['definitions']>(
    (value) => typeof value === 'function' || (typeof value === 'object' && value !== null),
    {
      error: "must be () => import('./definitions.ts'), or { views, services, labels, sources }",
    },
  ),
  serving: z
    .strictObject({
      port: z.number().int().min(0).max(65_535).optional(),
      host: z.string().min(1).optional(),
      tls: tlsSchema.optional(),
      auth: authSchema,
      audit: auditSchema.optional(),
      limits: z.record(z.string(), z.number()).optional(),
      jobs: z.boolean().optional(),
      isolation: z.enum(['when needed', 'always', 'never']).optional(),
      inference: z
        .strictObject({
          threads: z.union([z.literal('auto'), z.number()], { error: "must be 'auto' or a number" }).optional(),
          threadFromMs: z.number().optional(),
          batching: z
            .union([z.literal(false), z.strictObject({ waitMs: z.number().optional(), rows: z.number().optional() })], {
              error: 'must be { waitMs, rows }, or false',
            })
            .optional(),
        })
        .optional(),
      log: z
        .strictObject({
          folder: localPath,
          sample: z.number().min(0).max(1).optional(),
          request: z.boolean().optional(),
          queueRows: z.number().optional(),
          rotateBytes: z.number().optional(),
          rotateMs: z.number().optional(),
          flushMs: z.number().optional(),
        })
        .optional(),
    })
    .optional(),
  quality: z
    .union(
      [
        z.literal(false),
        z.strictObject({
          severity: z.record(z.string(), z.enum(['error', 'warn', 'off'])).optional(),
          staleAfter: z.number().positive().optional(),
          redact: z.boolean().optional(),
        }),
      ],
      { error: 'must be { severity, staleAfter, redact }, or false' },
    )
    .optional(),
  monitors: z
    .array(
      z
        .strictObject({
          name: name.refine(
            (given) => given.toLowerCase() !== 'index',
            'must not be index: index.html lists all monitors',
          ),
          profile: z.string().optional(),
          service: z.string().optional(),
          view: z.string().optional(),
          model: z.string().optional(),
          table: z.string().optional(),
          truth: truthSchema.optional(),
          parity: paritySchema.optional(),
          time: z.string().optional(),
          entity: z.array(z.string()).optional(),
          weight: z.string().optional(),
          columns: z.array(z.string()).optional(),
          ignore: z.array(z.string()).optional(),
          window: duration.optional(),
          windows: z.number().int().min(1).max(MOST_WINDOWS).optional(),
          reference: referenceSchema.optional(),
          referenceRows: z.string().min(1).optional(),
          policy: policySchema.optional(),
          estimate: z.boolean().optional(),
          alert: channelNames.optional(),
        })
        .refine(
          (monitor) =>
            [monitor.service, monitor.view, monitor.model, monitor.table, monitor.truth, monitor.parity].filter(
              (source) => source !== undefined,
            ).length === 1,
          {
            error: 'must say where its rows are with exactly one of service, view, model, table, truth and parity',
          },
        )
        .refine(({ weight, truth, parity }) => weight === undefined || (truth === undefined && parity === undefined), {
          error: 'has a weight, but truth and parity count every row as one',
        })
        .refine(
          ({ referenceRows, reference, truth, parity }) =>
            referenceRows === undefined || [reference, truth, parity].every((other) => other === undefined),
          { error: 'has referenceRows, which are those of a stored profile: leave out reference, truth and parity' },
        )
        .refine(({ reference, window }) => window !== undefined || !looksBack(reference ?? {}), {
          error: 'has no window, so there is no time for its reference to look back from',
        }),
    )
    .optional(),
  trainingSets: z
    .array(
      z.strictObject({
        name,
        service: z.string(),
        labels: z.array(z.string()).optional(),
        spine,
        time: z.string().min(1),
        zone: z.string().min(1).optional(),
        asOf: z.string().optional(),
        from: z.enum(['facts', 'tiles', 'materialized']).optional(),
        split: z
          .strictObject({
            at: z
              .array(z.union([z.string(), z.date()]))
              .min(1)
              .max(2),
            embargo: duration.optional(),
          })
          .optional(),
        into: z.string().optional(),
        profile: profileSchema.optional(),
      }),
    )
    .optional(),
  loads: loads.optional(),
  snapshots: snapshots.optional(),
  alerts: alertsSchema.optional(),
  ingest: z.strictObject({ kafka: kafkaSchema.optional() }).optional(),
  jobs: jobsSchema.optional(),
  reports: localPath.optional(),
})

/**
 * Narrows a value to a configuration. `stepProblem` also checks the commands of schedules and pipelines.
 * @throws MartletError CONFIG_INVALID when keys are missing or wrong, naming each of them
 */
export function checkConfig(
  value: unknown,
  where: string,
  stepProblem: StepProblem = () => undefined,
): asserts value is MartletConfig {
  const schema = configuration.extend({
    schedules: z.array(scheduleSchema(stepProblem)).optional(),
    pipelines: z.array(pipelineSchema(stepProblem)).optional(),
    warehouse: choiceSchema(warehouses, valueAt(value, 'warehouse'), value),
    catalog: choiceSchema(catalogs, valueAt(value, 'catalog'), value),
    online: choiceSchema(onlineStores, valueAt(value, 'online'), value),
  })
  const checked = schema.safeParse(value)
  if (checked.success) {
    refuseTwins(checked.data.monitors ?? [], 'monitors', where)
    refuseTwins(checked.data.trainingSets ?? [], 'trainingSets', where)
    refuseTwins(checked.data.loads ?? [], 'loads', where)
    refuseTwins(checked.data.snapshots ?? [], 'snapshots', where)
    refuseTwins(checked.data.schedules ?? [], 'schedules', where)
    refuseTwins(checked.data.pipelines ?? [], 'pipelines', where)
    refuseSharedTables(checked.data.trainingSets ?? [], where)
    refuseBrokenRuns(value as MartletConfig, where)
    const problems = unknownChannels(checked.data)
    if (problems.length > 0) throw invalid(where, problems)
    return
  }
  const problems = checked.error.issues.flatMap((issue) => issueLines(issue, schema, value))
  throw invalid(where, problems)
}

function refuseTwins(named: readonly { readonly name: string }[], key: string, where: string): void {
  const second = named.findIndex(({ name }, index) => named.findIndex((other) => other.name === name) < index)
  if (second >= 0)
    throw invalid(where, [`${key}[${second}].name: ${JSON.stringify(named[second]?.name)} is used twice`])
}

/** Each would replace the rows of the other, and leave a manifest of rows that are gone. */
function refuseSharedTables(
  sets: readonly { readonly name: string; readonly into?: string | undefined }[],
  where: string,
): void {
  const tables = sets.map(trainingTable)
  for (const [index, table] of tables.entries()) {
    const first = tables.findIndex((other) => sameTable(other, table))
    if (first === index) continue
    const [name, other] = [sets[index]?.name, sets[first]?.name]
    throw invalid(where, [
      `trainingSets[${index}].into: ${name} would replace the rows of ${other}, both in ${table}; name another table`,
    ])
  }
}

/** Schedules may run pipelines, which are known only when the whole configuration is. */
function refuseBrokenRuns({ schedules = [], pipelines = [] }: MartletConfig, where: string): void {
  const problems = schedules.flatMap(({ run }, schedule) =>
    run.flatMap((step, at) => {
      const problem = pipelineStepProblem(wordsOf(step), pipelines)
      return problem === undefined ? [] : [`schedules[${schedule}].run[${at}]: ${JSON.stringify(step)} ${problem}`]
    }),
  )
  if (problems.length > 0) throw invalid(where, problems)
}

function invalid(where: string, problems: readonly string[]): MartletError {
  return new MartletError(
    'CONFIG_INVALID',
    `${where} is not a valid configuration:\n${problems.map((problem) => `  ${problem}`).join('\n')}\n` +
      `Correct ${problems.length === 1 ? 'that key' : 'those keys'}; martlet init <folder> writes an example, ` +
      'and the editor completes the keys of defineConfig({ … }).',
    { data: { file: where, problems } },
  )
}

type Issue = z.core.$ZodIssue

function issueLines(issue: Issue, schema: z.ZodType, value: unknown): readonly string[] {
  const key = pathText(issue.path)
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(issue.path, schema)
    return issue.keys.map((unknown) => {
      const near = nearestName(unknown, known)
      const hint = near === undefined ? '' : `; did you mean ${near}?`
      return `${key === '' ? '' : `${key}.`}${unknown}: there is no such key${hint}`
    })
  }
  const where = key === '' ? 'the default export' : key
  if (issue.code === 'invalid_type' && issue.path.reduce(valueAt, value) === undefined)
    return [`${where}: is missing (${issue.expected === 'object' ? 'an object' : `a ${issue.expected}`} is needed)`]
  return [`${where}: ${issue.message}`]
}

/** The keys that the object at a path may have. */
function keysAt(path: readonly PropertyKey[], schema: z.ZodType): readonly string[] {
  let at: unknown = schema
  for (const part of path) {
    while (at instanceof z.ZodOptional) at = at.unwrap()
    if (at instanceof z.ZodObject) at = Object.entries(at.shape).find(([key]) => key === part)?.[1]
    else if (at instanceof z.ZodArray) at = at.element
  }
  while (at instanceof z.ZodOptional) at = at.unwrap()
  return at instanceof z.ZodObject ? Object.keys(at.shape) : []
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}${text === '' ? '' : '.'}${String(part)}`),
    '',
  )
}
