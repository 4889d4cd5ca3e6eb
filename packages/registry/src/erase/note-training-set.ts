import type { RegistryContext } from '../registry-context.ts'
import { readDocument } from '../store/documents.ts'
import { toJson, type JsonValue } from '../store/json.ts'

/** What is added to the record of a training set when rows are erased from it after a model was trained on it. */
export interface TrainingSetNote {
  /** Whether a version's record is about that training set. */
  readonly matches: (trainingSet: JsonValue) => boolean
  /** The note of one erasure; the same note is not added twice. */
  readonly note: { readonly [key: string]: JsonValue | undefined }
}

/**
 * Adds a note to the record of a training set (`erased`, a list) in all versions that were trained on it. Returns how many were
 * changed.
 */
export async function noteTrainingSet(context: RegistryContext, { matches, note }: TrainingSetNote): Promise<number> {
  return context.dialect.exclusive(context.db, async (db) => {
    let changed = 0
    for (const row of await db.selectFrom('model_versions').select(['model', 'version', 'training_set']).execute()) {
      const record = readDocument(row, 'training_set')
      if (!isObject(record) || !matches(record)) continue
      const before = isList(record['erased']) ? record['erased'] : []
      if (before.some((one) => toJson(one) === toJson(note))) continue
      changed++
      await db
        .updateTable('model_versions')
        .set({ training_set: toJson({ ...record, erased: [...before, note] }), updated_ms: context.now() })
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
