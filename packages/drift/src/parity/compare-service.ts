import type { OnDemandFunctions, ServicePlan } from '@martlet/feature-store'
import { dropTable } from '@martlet/warehouse'
import { dropLeftTables, runTable } from '../count/run-table.ts'
import { changedDefinitions } from './changed-definitions.ts'
import { comparedFields, spineKeys, type ComparedFields } from './compared-fields.ts'
import { countMismatches, mismatchExamples } from './count-mismatches.ts'
import type { FoundField } from './feature-parity.ts'
import type { LoggedRows } from './logged-rows.ts'
import { mismatchCodes } from './mismatch-codes.ts'
import type { ParityRequest } from './parity-request.ts'
import type { NotCompared } from './parity-result.ts'
import { recomputedRows } from './recomputed-rows.ts'
import { timeSlices } from './time-slices.ts'

/** Predictions that are computed again at once. */
const AT_ONCE = 1_000_000
/** Values that are shown of a feature that differs. */
export const EXAMPLES = 3

/** Compares the predictions of one service, feature by feature and window by window. */
export async function compareService(
  request: ParityRequest,
  service: ServicePlan,
  rows: LoggedRows,
  functions: OnDemandFunctions,
): Promise<{ readonly found: readonly FoundField[]; readonly notCompared: readonly NotCompared[] }> {
  const { warehouse } = request
  const compared = await comparedFields(warehouse, request, service, rows)
  const { notCompared } = compared
  if (compared.fields.length === 0) return { found: [], notCompared }
  const found: FoundField[] = []
  const slices = await timeSlices(warehouse, rows, request.rowsAtOnce ?? AT_ONCE)
  for (const slice of slices) found.push(...(await compareRows(request, slice, compared, functions)))
  return { found, notCompared }
}

/** Compares predictions that are computed again at once. */
async function compareRows(
  request: ParityRequest,
  rows: LoggedRows,
  compared: ComparedFields,
  functions: OnDemandFunctions,
): Promise<readonly FoundField[]> {
  const { warehouse, catalog, sources = [], examples: most = EXAMPLES } = request
  const witnesses = { catalog, sources: sources.map((source) => ('plan' in source ? source.plan : source)) }
  const [name, began] = [request.monitor ?? request.model, new Date()]
  await dropLeftTables(warehouse, 'recomputed', name, began)
  const into = runTable('recomputed', name, began)
  try {
    const recomputed = await recomputedRows(warehouse, rows, compared, { into, functions })
    return await warehouse.session(async (session): Promise<readonly FoundField[]> => {
      const changed = await changedDefinitions(session, recomputed, compared.service, catalog)
      const tables = await mismatchCodes(session, { recomputed, compared, changed, witnesses })
      const keys = spineKeys(compared.service)
      const fields: FoundField[] = []
      for (const codes of tables) {
        for (const counted of await countMismatches(session, codes)) {
          const window = rows.windows.indexOf(counted.w)
          if (window === undefined) continue
          const isShown = most > 0 && window === request.windows.length - 1 && counted.equal < counted.compared
          const examples = isShown
            ? await mismatchExamples(session, recomputed, compared, { ...counted, codes, keys, most })
            : []
          fields.push({ ...counted, window, examples })
        }
      }
      for (const { table } of tables) if (table !== undefined) await dropTable(session, table)
      return fields
    })
  } finally {
    await dropTable(warehouse, into)
  }
}
