import { serviceKeys } from '@martlet/feature-store'
import { compareService, EXAMPLES } from '../parity/compare-service.ts'
import { featureParity, type FoundField } from '../parity/feature-parity.ts'
import { judgeParity } from '../parity/judge-parity.ts'
import { loggedRows } from '../parity/logged-rows.ts'
import { idleRules, refuseRules } from '../parity/parity-rules.ts'
import type { ParityRequest } from '../parity/parity-request.ts'
import type { NotCompared } from '../parity/parity-result.ts'
import { alertingSince } from '../verdict/alerting-since.ts'
import { exitCode } from '../verdict/judge-run.ts'
import { policyFrom } from '../verdict/policy.ts'
import { resultSchema, type DriftResult } from '../verdict/result.ts'
import { atLeast } from '../verdict/severity.ts'
import { recordDrift } from './record-drift.ts'

/**
 * Compares the vectors that were served with what the definitions give for the same keys at the same times, as a training
 * set would have them: how often each feature is equal, and why it is not. Everything but functions runs inside the
 * warehouse.
 *
 * @throws MartletError TABLE_NOT_FOUND when no predictions of the model were loaded
 * @throws MartletError PARITY_INVALID when a rule is out of its range, or names a reason that does not exist
 * @throws MartletError WINDOWS_INVALID when windows overlap or end before they start
 * @throws MartletError SOURCE_MISSING when a table that the definitions read does not exist
 * @example await runParity({ warehouse, catalog, model: 'next_day', services: [nextDay], windows })
 */
export async function runParity(request: ParityRequest): Promise<DriftResult> {
  const { warehouse } = request
  const policy = policyFrom(request.policy)
  const now = request.now ?? new Date()
  const windows = request.windows.toSorted((a, b) => a.from.getTime() - b.from.getTime())
  const services = request.services.map((service) => ('plan' in service ? service.plan : service))
  const functions = request.functions ?? request.services.flatMap((one) => ('plan' in one ? one.onDemand : []))
  refuseRules(request)
  const mutes = request.mutes ?? []
  const rules = idleRules(request, services)
  const ordered = { ...request, windows }
  const logged = await loggedRows(
    warehouse,
    ordered,
    services.map((service) => ({ name: service.name, keys: serviceKeys(service) })),
  )
  const found: FoundField[] = []
  const notCompared: NotCompared[] = []
  for (const service of services) {
    const rows = logged.services.get(service.name)
    if (rows === undefined) continue
    const compared = await compareService(ordered, service, rows, functions)
    found.push(...compared.found)
    notCompared.push(...compared.notCompared)
  }
  const judged = windows.map((window, index) =>
    judgeParity(
      { from: window.from.toISOString(), to: window.to.toISOString() },
      {
        rows: [...logged.services.values()].reduce((sum, { counts }) => sum + (counts.get(index) ?? 0), 0),
        skipped: logged.skipped.get(index) ?? 0,
        features: featureParity(
          found.filter((one) => one.window === index),
          request,
          request.examples ?? EXAMPLES,
        ),
        notCompared,
      },
      // The rules are those of now.
      { mutes, rules: index === windows.length - 1 ? rules : [] },
    ),
  )
  const latest = judged.at(-1)
  const result: DriftResult = {
    schema: resultSchema,
    monitor: request.monitor ?? request.model,
    evaluatedAt: now.toISOString(),
    profile: { name: request.model, createdAt: now.toISOString(), rows: latest?.rows ?? 0, time: null },
    policy,
    status: latest?.status ?? 'no_data',
    severity: latest?.severity ?? 'none',
    exitCode: exitCode(latest, policy),
    sentence: latest?.sentence ?? 'No window was given.',
    since: alertingSince(judged),
    lookAt: (latest?.findings ?? []).flatMap(({ column, severity }) =>
      column !== null && atLeast(severity, 'warn') ? [column] : [],
    ),
    columns: [],
    windows: judged,
    sql: [],
  }
  if (request.record ?? true) await recordDrift(warehouse, result)
  return result
}
