import {
  entityIn,
  featureTimeColumn,
  isContinuous,
  lookedUpColumn,
  nameIn,
  passedThroughOf,
  type ServiceView,
} from '@martlet/feature-store'
import { sql, type Warehouse } from '@martlet/warehouse'
import { age, NO, present, type ViewEvidence, type Witnesses } from './evidence.ts'
import { lookupEvidence } from './lookup-evidence.ts'
import type { RecomputedRows } from './recomputed-rows.ts'
import { runEvidence } from './run-evidence.ts'
import { tableEvidence } from './table-evidence.ts'

/** Puts together what is known about the rows of a view. */
export async function viewEvidence(
  session: Warehouse,
  read: ServiceView,
  recomputed: RecomputedRows,
  witnesses: Witnesses,
): Promise<ViewEvidence> {
  const { catalog } = witnesses
  const { served } = recomputed
  const { view, via } = read
  const name = nameIn(read)
  const [time, withheld] = [served.column(name, 'time'), served.column(name, 'withheld')]
  const due = sql.id('p', featureTimeColumn(name))
  const had = time === undefined ? undefined : sql.id('p', time)
  const lookup = via === undefined ? undefined : await lookupEvidence(session, { ...read, via }, recomputed, catalog)
  const isTooOld = present(sql`${age(session, due)} > ${sql.lit(view.ttl ?? 0)}`)
  const tooOld = [...(view.ttl === null ? [] : [isTooOld]), ...(lookup === undefined ? [] : [lookup.tooOld])]
  const none = had === undefined ? NO : sql`(${had} IS NULL AND ${due} IS NOT NULL)`
  const bare: ViewEvidence = {
    join: lookup?.join ?? sql``,
    withheld: withheld === undefined ? NO : present(sql.id('p', withheld)),
    tooOld: tooOld.length === 0 ? NO : sql`(${sql.join(tooOld, sql` OR `)})`,
    older: had === undefined ? NO : present(sql`${had} < ${due}`),
    none,
    // A line that says nothing of feature times may have had one.
    lacking: sql`(${none} AND ${served.isTold}${lookup === undefined ? sql`` : sql` AND NOT ${lookup.changed}`})`,
    due: had === undefined ? NO : present(sql`${had} = ${due}`),
    cameLater: NO,
    rewritten: NO,
    stored: NO,
    lookupBehind: lookup?.behind ?? NO,
    changed: lookup?.changed ?? NO,
    value: () => undefined,
  }
  const keys = view.entity.keys.map((key, i) =>
    via === undefined
      ? sql.id('p', entityIn(read).keys[i]?.name ?? key.name)
      : (lookup?.keys[i] ?? sql.id('p', lookedUpColumn(name, key.name))),
  )
  if (isContinuous(view) || passedThroughOf(view.source) !== undefined)
    return runEvidence(session, { view, keys }, { due, had }, bare, witnesses)
  return tableEvidence(session, { view, name, keys }, { due, had }, bare, { recomputed, catalog })
}
