import type { KeyMentions } from '@martlet/feature-store'
import type { RegistryContext } from '../registry-context.ts'
import { readDocument, toJson, type JsonValue } from '../store/json.ts'
import type { RegistryDb } from '../store/store-dialect.ts'
import type { RegistryTables } from '../store/tables.ts'
import { goldenRowsWithout, jsonWithout } from './redact-version.ts'

export interface Redaction {
  readonly mentions: KeyMentions
  /** Only counts. @default false */
  readonly dryRun?: boolean
}

export interface Redacted {
  readonly removed: readonly { readonly kind: string; readonly place: string; readonly rows: number }[]
  /** What holds a key and was left as it is, and why. */
  readonly unreached: readonly string[]
}

const TEXTS = ['description', 'source', 'run_id', 'lifecycle_reason', 'status_message'] as const

/** Takes keys out of golden rows, accounts of training sets, descriptions and tags of all versions, archived and deleted ones too. */
export async function redactRegistry(
  context: RegistryContext,
  { mentions, dryRun = false }: Redaction,
): Promise<Redacted> {
  const { db } = context
  const removed: Redacted['removed'][number][] = []
  const unreached: string[] = []
  const write = (change: (inside: RegistryDb) => Promise<unknown>): Promise<unknown> =>
    dryRun ? Promise.resolve() : context.dialect.exclusive(db, change)
  for (const { model, version } of await db
    .selectFrom('model_versions')
    .select(['model', 'version'])
    .orderBy('model')
    .orderBy('version')
    .execute()) {
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
          `delete the version, or register its file with others`,
      )
    if (golden !== undefined && golden > 0) removed.push({ kind: 'golden rows', place, rows: golden })
    if (texts > 0) removed.push({ kind: 'texts', place, rows: texts })
    if (Object.keys(changes).length > 0)
      await write((inside) =>
        inside
          .updateTable('model_versions')
          .set({ ...changes, updated_ms: context.now() })
          .where('model', '=', model)
          .where('version', '=', version)
          .execute(),
      )
  }
  for (const { name, description } of await db
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
  for (const { model, version, tag, value } of await db.selectFrom('model_tags').selectAll().execute()) {
    if (mentions.inText(tag))
      unreached.push(
        `model ${model}: the name of a tag of ${version === 0 ? 'the model' : `version ${version}`} names a key; remove the tag`,
      )
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
  const moves = await db.selectFrom('model_alias_moves').select(['model', 'alias', 'sequence', 'reason']).execute()
  for (const { model, alias, sequence } of moves.filter(({ reason }) => mentions.inText(reason)))
    unreached.push(
      `model ${model}: the reason of move ${sequence} of alias ${alias} names a key, and that log is append-only`,
    )
  return { removed, unreached }
}

type VersionRow = RegistryTables['model_versions']

function redactedRow(
  row: VersionRow,
  mentions: KeyMentions,
): { readonly changes: Partial<VersionRow>; readonly golden: number | undefined; readonly texts: number } {
  const fields = readDocument(row, 'signature').fields.map(({ field }) => field)
  const golden = goldenRowsWithout(readDocument(row, 'golden_rows'), fields, mentions)
  const trainingSet = toJson(jsonWithout(readDocument(row, 'training_set'), mentions))
  const texts: Partial<VersionRow> = {
    ...Object.fromEntries(
      TEXTS.flatMap((name) => (mentions.without(row[name]) === row[name] ? [] : [[name, mentions.without(row[name])]])),
    ),
    ...(trainingSet === row.training_set ? {} : { training_set: trainingSet }),
  }
  return {
    golden: golden === undefined ? undefined : golden.rows,
    texts: Object.keys(texts).length,
    changes: { ...texts, ...(golden === undefined || golden.rows === 0 ? {} : { golden_rows: toJson(golden.golden) }) },
  }
}

/** What is added to the account of a training set that rows were erased from, after a model was trained on it. */
export interface TrainingSetNote {
  /** Whether a version's account tells of that training set. */
  readonly tellsOf: (trainingSet: JsonValue) => boolean
  /** Tells notes of one erasure apart: the same one is not added twice. */
  readonly note: { readonly [key: string]: JsonValue | undefined }
}

/**
 * Notes in all versions that were trained on a set that rows were erased from it since: `erased`, a list. Returns how many were
 * changed.
 */
export async function noteTrainingSet(context: RegistryContext, { tellsOf, note }: TrainingSetNote): Promise<number> {
  return context.dialect.exclusive(context.db, async (db) => {
    let changed = 0
    for (const row of await db.selectFrom('model_versions').select(['model', 'version', 'training_set']).execute()) {
      const account = readDocument(row, 'training_set')
      if (!isObject(account) || !tellsOf(account)) continue
      const before = isList(account['erased']) ? account['erased'] : []
      if (before.some((one) => toJson(one) === toJson(note))) continue
      changed++
      await db
        .updateTable('model_versions')
        .set({ training_set: toJson({ ...account, erased: [...before, note] }), updated_ms: context.now() })
        .where('model', '=', row.model)
        .where('version', '=', row.version)
        .execute()
    }
    return changed
  })
}

function isObject(value: JsonValue): value is { readonly [key: string]: JsonValue | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}
