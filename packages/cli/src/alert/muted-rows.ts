import { findingKinds, type Mute, type MutedColumn, type MutedFinding } from '@martlet/drift'
import type { Catalog, MutedColumnsTable } from '@martlet/feature-store'
import { catalogInstant } from './alert-rows.ts'

type Db = Catalog['db']

/**
 * Where a mute stands in `muted_columns`. A kind of finding has a subject of its own, because a column may be called like it.
 */
export function mutedRow(
  monitor: string,
  what: MutedColumn | MutedFinding,
): Pick<MutedColumnsTable, 'subject' | 'column_name'> {
  return 'column' in what
    ? { subject: `drift:${monitor}`, column_name: what.column }
    : { subject: `finding:${monitor}`, column_name: what.finding }
}

/** What of a monitor is muted at an instant: columns by name, then kinds of findings. */
export async function readMutes(db: Db, monitor: string, at: string): Promise<readonly Mute[]> {
  return (await allMutes(db, at)).flatMap((one) => (one.monitor === monitor ? [one.mute] : []))
}

/** What is muted at an instant, of all monitors. */
export async function allMutes(
  db: Db,
  at: string,
): Promise<readonly { readonly monitor: string; readonly mute: Mute }[]> {
  const rows = await db
    .selectFrom('muted_columns')
    .selectAll()
    .where('until_time', '>', catalogInstant(at))
    .orderBy('subject')
    .orderBy('column_name')
    .execute()
  return rows.flatMap(({ subject, column_name: name, until_time: until, muted_by: by, reason }) => {
    const [kind, monitor = ''] = subject.split(/:(.*)/s)
    const finding = findingKinds.find((known) => known === name)
    const what = kind === 'drift' ? { column: name } : finding === undefined ? null : { finding }
    return what === null ? [] : [{ monitor, mute: { ...what, until, by, reason } }]
  })
}

/** The name of what is muted. */
export function mutedName(mute: MutedColumn | MutedFinding): string {
  return 'column' in mute ? mute.column : mute.finding
}
