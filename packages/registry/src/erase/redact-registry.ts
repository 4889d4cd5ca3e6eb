import type { KeyMentions } from '@martlet/feature-store'
import type { RegistryContext } from '../registry-context.ts'
import { readDocument } from '../store/documents.ts'
import { toJson } from '../store/json.ts'
import type { RegistryDb } from '../store/store-dialect.ts'
import type { RegistryTables } from '../store/tables.ts'
import { goldenRowsWithout, jsonWithout } from './redact-version.ts'

export interface Redaction {
  readonly mentions: KeyMentions
  /** Only counts. @default false */
  readonly dryRun?: boolean
}

export interface Redacted {
  readonly removed: readonly RemovedRows[]
  /** What contains a key and was not changed, and why. */
  readonly unreached: readonly string[]
}

interface RemovedRows {
  readonly kind: string
  readonly place: string
  readonly rows: number
}

/** One erasure under way. */
interface Erasure {
  readonly context: RegistryContext
  readonly mentions: KeyMentions
  readonly write: (change: (db: RegistryDb) => Promise<unknown>) => Promise<unknown>
}

/**
 * Removes keys from golden rows, training-set records, descriptions and tags of all versions, archived and deleted ones too, and
 * from the reasons of roll-outs.
 */
export async function redactRegistry(
  context: RegistryContext,
  { mentions, dryRun = false }: Redaction,
): Promise<Redacted> {
  const write: Erasure['write'] = (change) =>
    dryRun ? Promise.resolve() : context.dialect.exclusive(context.db, change)
  const erasure = { context, mentions, write }
  const parts = [
    await redactVersions(erasure),
    await redactModels(erasure),
    await redactTags(erasure),
    await redactRollouts(erasure),
    await namedInMoves(erasure),
  ]
  return {
    removed: parts.flatMap(({ removed }) => removed),
    unreached: parts.flatMap(({ unreached }) => unreached),
  }
}

async function redactVersions({ context, mentions, write }: Erasure): Promise<Redacted> {
  const { db } = context
  const removed: RemovedRows[] = []
  const unreached: string[] = []
  const versions = await db
    .selectFrom('model_versions')
    .select(['model', 'version'])
    .orderBy('model')
    .orderBy('version')
    .execute()
  // One version at a time: its golden rows may be large.
  for (const { model, version } of versions) {
    const row = await db
      .selectFrom('model_versions')
      .selectAll()
      .where('model', '=', model)
      .where('version', '=', version)
      .executeTakeFirstOrThrow()
    const place = `model ${model}, version ${version}`
    const { changes, golden, texts } = redactedRow(row, mentions)
    if (golden === undefined)
      unreached.push(
        `${place}: all of its golden rows hold a key, and without them it cannot be served; ` +
          'delete the version, or register its file with other golden rows',
      )
    if (golden !== undefined && golden > 0) removed.push({ kind: 'golden rows', place, rows: golden })
    if (texts > 0) removed.push({ kind: 'texts', place, rows: texts })
    if (Object.keys(changes).length === 0) continue
    await write((inside) =>
      inside
        .updateTable('model_versions')
        .set({ ...changes, updated_ms: context.now() })
        .where('model', '=', model)
        .where('version', '=', version)
        .execute(),
    )
  }
  return { removed, unreached }
}

const TEXTS = ['description', 'source', 'run_id', 'lifecycle_reason', 'status_message'] as const

type VersionRow = RegistryTables['model_versions']

/** What changes in a row; `golden` is undefined when no golden row would be left. */
function redactedRow(
  row: VersionRow,
  mentions: KeyMentions,
): { readonly changes: Partial<VersionRow>; readonly golden: number | undefined; readonly texts: number } {
  const fields = readDocument(row, 'signature').fields.map(({ field }) => field)
  const golden = goldenRowsWithout(readDocument(row, 'golden_rows'), fields, mentions)
  const trainingSet = toJson(jsonWithout(readDocument(row, 'training_set'), mentions))
  const changed = TEXTS.map((name) => [name, mentions.without(row[name])] as const)
  const texts: Partial<VersionRow> = {
    ...Object.fromEntries(changed.filter(([name, without]) => without !== row[name])),
    ...(trainingSet === row.training_set ? {} : { training_set: trainingSet }),
  }
  return {
    golden: golden === undefined ? undefined : golden.rows,
    texts: Object.keys(texts).length,
    changes: { ...texts, ...(golden === undefined || golden.rows === 0 ? {} : { golden_rows: toJson(golden.golden) }) },
  }
}

async function redactModels({ context, mentions, write }: Erasure): Promise<Redacted> {
  const removed: RemovedRows[] = []
  for (const { name, description } of await context.db
    .selectFrom('registered_models')
    .select(['name', 'description'])
    .execute()) {
    const without = mentions.without(description)
    if (without === description) continue
    removed.push({ kind: 'texts', place: `model ${name}`, rows: 1 })
    await write((inside) =>
      inside.updateTable('registered_models').set({ description: without }).where('name', '=', name).execute(),
    )
  }
  return { removed, unreached: [] }
}

async function redactTags({ context, mentions, write }: Erasure): Promise<Redacted> {
  const removed: RemovedRows[] = []
  const unreached: string[] = []
  for (const { model, version, tag, value } of await context.db.selectFrom('model_tags').selectAll().execute()) {
    if (mentions.inText(tag)) {
      const of = version === 0 ? 'the model' : `version ${version}`
      unreached.push(`model ${model}: the name of a tag of ${of} names a key; remove the tag`)
    }
    const without = mentions.isValue(tag, value) ? '[erased]' : mentions.without(value)
    if (without === value) continue
    removed.push({ kind: 'texts', place: `model ${model}, a tag`, rows: 1 })
    await write((inside) =>
      inside
        .updateTable('model_tags')
        .set({ value: without })
        .where('model', '=', model)
        .where('version', '=', version)
        .where('tag', '=', tag)
        .execute(),
    )
  }
  return { removed, unreached }
}

async function redactRollouts({ context, mentions, write }: Erasure): Promise<Redacted> {
  const removed: RemovedRows[] = []
  for (const { model, rollout, reason } of await context.db
    .selectFrom('rollouts')
    .select(['model', 'rollout', 'reason'])
    .execute()) {
    const without = mentions.without(reason)
    if (without === reason) continue
    removed.push({ kind: 'texts', place: `model ${model}, roll-out ${rollout}`, rows: 1 })
    await write((inside) =>
      inside
        .updateTable('rollouts')
        .set({ reason: without })
        .where('model', '=', model)
        .where('rollout', '=', rollout)
        .execute(),
    )
  }
  return { removed, unreached: [] }
}

async function namedInMoves({ context, mentions }: Erasure): Promise<Redacted> {
  const moves = await context.db
    .selectFrom('model_alias_moves')
    .select(['model', 'alias', 'sequence', 'reason'])
    .execute()
  return {
    removed: [],
    unreached: moves
      .filter(({ reason }) => mentions.inText(reason))
      .map(
        ({ model, alias, sequence }) =>
          `model ${model}: the reason of move ${sequence} of alias ${alias} names a key, and that log is append-only`,
      ),
  }
}
