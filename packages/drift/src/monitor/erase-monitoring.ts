import type { KeyMentions } from '@martlet/feature-store'
import { rowsOf, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { inTurn } from '../profile/in-turn.ts'
import { profileFromJson, profileToJson } from '../profile/profile-json.ts'
import type { CategoryCount, ReferenceProfile } from '../profile/reference-profile.ts'
import { profiles } from '../profile/store-profile.ts'
import { driftResults } from './record-drift.ts'

/** Where keys were removed, and how many values or rows that changed. */
export interface MonitoringErasure {
  readonly kind: 'profile values' | 'findings'
  readonly place: string
  readonly rows: number
}

/**
 * Removes keys from what monitoring keeps in the warehouse: from the category values of reference profiles, whose rows then
 * count as other values, and from the sentences of findings. `dryRun` only counts.
 */
export async function eraseFromMonitoring(
  warehouse: Warehouse,
  mentions: KeyMentions,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<readonly MonitoringErasure[]> {
  const found: readonly MonitoringErasure[] = [
    { kind: 'profile values', place: profiles.table, rows: await fromProfiles(warehouse, mentions, dryRun) },
    { kind: 'findings', place: driftResults.table, rows: await fromFindings(warehouse, mentions, dryRun) },
  ]
  return found.filter(({ rows }) => rows > 0)
}

async function fromProfiles(warehouse: Warehouse, mentions: KeyMentions, dryRun: boolean): Promise<number> {
  if ((await warehouse.introspect(profiles.table)) === undefined) return 0
  let values = 0
  for (const { profile, body } of rowsOf<{ profile: string; body: string }>(
    await warehouse.read(sql`SELECT profile, body FROM ${tableRef(profiles.table)}`),
  )) {
    const without = profileWithout(profileFromJson(body), mentions)
    values += without.values
    if (dryRun || without.values === 0) continue
    await inTurn(warehouse, profiles.table, (transaction) =>
      transaction.run(
        sql`
          UPDATE ${tableRef(profiles.table)}
          SET body = ${profileToJson(without.profile)}
          WHERE profile = ${profile} AND body = ${body}
        `,
      ),
    )
  }
  return values
}

/** A profile without the values that are keys, and how many those were. Counts of rows stay the same. */
export function profileWithout(
  profile: ReferenceProfile,
  mentions: KeyMentions,
): { readonly profile: ReferenceProfile; readonly values: number } {
  let values = 0
  const columns = profile.columns.map((column) => {
    if (column.kind !== 'category') return column
    const erased = [...column.top, ...column.rest].filter(({ value }) => mentions.isValue(column.name, value))
    const stays = (one: CategoryCount): boolean => !erased.includes(one)
    values += erased.length
    const rows = erased.reduce((sum, { count }) => sum + count, 0)
    return erased.length === 0
      ? column
      : { ...column, top: column.top.filter(stays), rest: column.rest.filter(stays), beyond: column.beyond + rows }
  })
  return { profile: { ...profile, columns }, values }
}

async function fromFindings(warehouse: Warehouse, mentions: KeyMentions, dryRun: boolean): Promise<number> {
  const { table } = driftResults
  if ((await warehouse.introspect(table)) === undefined) return 0
  const sentences = rowsOf<{ sentence: string; column_name: string | null; n: number | bigint }>(
    await warehouse.read(
      sql`SELECT sentence, column_name, COUNT(*) AS n FROM ${tableRef(table)} GROUP BY sentence, column_name`,
    ),
  )
  let rows = 0
  for (const { sentence, column_name: column, n } of sentences) {
    const without = sentenceWithout(sentence, column, mentions)
    if (without === sentence) continue
    rows += Number(n)
    const same = column === null ? sql`column_name IS NULL` : sql`column_name = ${column}`
    if (!dryRun)
      await warehouse.run(
        sql`UPDATE ${tableRef(table)} SET sentence = ${without} WHERE sentence = ${sentence} AND ${same}`,
      )
  }
  return rows
}

/** Values stand in sentences as JSON texts. */
function sentenceWithout(sentence: string, column: string | null, mentions: KeyMentions): string {
  const quoted = sentence.replaceAll(/"(?:[^"\\]|\\.)*"/g, (text) =>
    mentions.isValue(column ?? '', JSON.parse(text)) ? '"[erased]"' : text,
  )
  return mentions.without(quoted)
}
