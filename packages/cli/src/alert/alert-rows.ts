import type { AlertState } from '@martlet/drift'
import { instantText, toMicros, type AlertStatesTable, type Catalog } from '@martlet/feature-store'

type Db = Catalog['db']

/** SQLite takes some 32,000 parameters a statement, and Snowflake's statements should not be longer than a few hundred kB. */
export const CHUNK = 500

/** An ISO instant as the catalog writes it. */
export function catalogInstant(iso: string): string {
  return instantText(toMicros(iso))
}

/** The states of some subjects, or of all that were ever seen. */
export async function readStates(db: Db, subjects?: readonly string[]): Promise<ReadonlyMap<string, AlertState>> {
  const states = new Map<string, AlertState>()
  const keep = (rows: readonly AlertStatesTable[]): void => {
    for (const row of rows) states.set(row.subject, stateOf(row))
  }
  const query = db.selectFrom('alert_states').selectAll().orderBy('subject')
  if (subjects === undefined) keep(await query.execute())
  else
    for (let start = 0; start < subjects.length; start += CHUNK)
      keep(await query.where('subject', 'in', subjects.slice(start, start + CHUNK)).execute())
  return states
}

/** Replaces states; call it in a transaction. */
export async function writeStates(db: Db, states: readonly AlertState[]): Promise<void> {
  for (let start = 0; start < states.length; start += CHUNK) {
    const rows = states.slice(start, start + CHUNK).map(rowOf)
    const subjects = rows.map(({ subject }) => subject)
    await db.deleteFrom('alert_states').where('subject', 'in', subjects).execute()
    await db.insertInto('alert_states').values(rows).execute()
  }
}

function stateOf(row: AlertStatesTable): AlertState {
  const { acknowledged_until: until, acknowledged_by: by, acknowledged_reason: reason } = row
  return {
    subject: row.subject,
    status: row.status,
    severity: row.severity as AlertState['severity'],
    sentence: row.sentence,
    alertingSince: row.alerting_since,
    incident: row.incident,
    badRuns: row.bad_runs,
    quietRuns: row.quiet_runs,
    lastWindow: row.last_window,
    lastRun: row.last_run,
    told:
      row.told_at === null || row.told_severity === null
        ? null
        : { at: row.told_at, severity: row.told_severity as AlertState['severity'] },
    acknowledged: until === null || by === null || reason === null ? null : { until, by, reason },
  }
}

function rowOf(state: AlertState): AlertStatesTable {
  return {
    subject: state.subject,
    status: state.status,
    severity: state.severity,
    sentence: state.sentence,
    alerting_since: state.alertingSince === null ? null : catalogInstant(state.alertingSince),
    incident: state.incident,
    bad_runs: state.badRuns,
    quiet_runs: state.quietRuns,
    last_window: state.lastWindow === null ? null : catalogInstant(state.lastWindow),
    last_run: catalogInstant(state.lastRun),
    told_at: state.told === null ? null : catalogInstant(state.told.at),
    told_severity: state.told?.severity ?? null,
    acknowledged_until: state.acknowledged === null ? null : catalogInstant(state.acknowledged.until),
    acknowledged_by: state.acknowledged?.by ?? null,
    acknowledged_reason: state.acknowledged?.reason ?? null,
  }
}
