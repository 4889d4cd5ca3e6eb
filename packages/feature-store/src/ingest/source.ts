import type { Dimension } from '../define/sources/dimension.ts'
import type { ColumnOf, Row } from '../define/sources/columns.ts'
import type { AnyEntity } from '../define/sources/entity.ts'
import type { Fact } from '../define/sources/fact.ts'
import { columnNamed, roleColumn } from '../define/sources/source.ts'
import { evaluate, invalid, type Place } from '../define/invalid-definition.ts'
import { checkTableName } from '../define/names.ts'
import { freezeDeep } from '../plan/canonical-json.ts'
import type { IngestPlan } from '../plan/ingest-plan.ts'
import { json } from './formats/json.ts'
import { checkKafkaOrigin, type KafkaOrigin } from './kafka/kafka-origin.ts'
import { formatNames, formatOf, type AnyFormat } from './formats/list.ts'

/** Events that come in, by push, by file or from a broker, and the table that they become rows of. */
export interface IngestSource<N extends string, R extends Row> {
  readonly kind: 'source'
  readonly name: N
  readonly plan: IngestPlan<AnyFormat>
  /** What an event brings: the columns of the table but that of the arrival. */
  readonly '~row'?: R
}

/**
 * An event of a source as JSON can carry it: instants as `Date` or ISO 8601 text, long numbers as bigint or their digits.
 *
 * @example const event: IngestEvent<typeof payments> = { payment_id: 'p1', amount: '12.50', ts: new Date() }
 */
export type IngestEvent<S extends AnyIngestSource> = EventOf<NonNullable<S['~row']>>

type EventOf<R> = { readonly [K in PresentColumn<R>]: OverJson<R[K]> } & {
  readonly [K in Exclude<keyof R, PresentColumn<R>>]?: OverJson<R[K]> | null
}
type OverJson<T> = T extends Date ? Date | string : T extends number ? number | bigint | string : T

export type AnyIngestSource = IngestSource<string, Row>

/** A table that a source can bring rows of: a fact, or a dimension. */
export type IngestTable<R extends Row> =
  | Pick<Fact<R, AnyEntity>, 'kind' | 'plan' | '~row'>
  | Pick<Dimension<R, AnyEntity, boolean>, 'kind' | 'plan' | '~row'>

/** The columns that no row leaves empty. */
type PresentColumn<R> = { [K in keyof R]-?: null extends R[K] ? never : undefined extends R[K] ? never : K }[keyof R] &
  string

/** The columns of an id, or a sentence about the first that cannot be in it. */
type IdOf<R, I extends readonly string[]> = {
  readonly [P in keyof I]: I[P] extends keyof R
    ? I[P] extends PresentColumn<R>
      ? I[P]
      : `column '${I[P]}' may be null, so it cannot be in an id`
    : `this table has no column '${I[P]}'`
}

type ArrivedOf<R, A> = A extends keyof R
  ? A extends ColumnOf<R, Date>
    ? A
    : `column '${A & string}' is not of times, so it cannot be when an event arrived`
  : `this table has no column '${A & string}'`

export interface IngestSpec<R extends Row, I extends readonly string[], A extends string> {
  /** The table of the rows; the schemas of its columns are the schema of an event. */
  readonly into: IngestTable<R>
  /** The columns that say which event it is: one that comes again changes nothing. */
  readonly id: IdOf<R, I>
  /**
   * The column that gets the time at which the event came, whatever the event says. It is usually the fact's `knownAt`.
   * @default none
   */
  readonly arrived?: ArrivedOf<R, A>
  /** How events are written. @default json() */
  readonly format?: AnyFormat
  /** The topic to read, such as `kafka({ topic: 'payments' })`; events may be pushed and come in files beside it. @default none */
  readonly from?: KafkaOrigin
}

/**
 * Declares where the rows of a table come from: events that are pushed to `POST /v1/push/<name>`, written in files, or read
 * from a broker. Each is kept in `raw.<name>` as it came; what is valid becomes a row, and what is not is kept in
 * `raw.<name>_rejected` with the reasons.
 *
 * @throws MartletError INVALID_DEFINITION
 * @example
 * export const payments = source('payments', { into: paymentFact, id: ['payment_id'], arrived: 'arrived_at' })
 */
export function source<
  const N extends string,
  R extends Row,
  const I extends readonly string[],
  const A extends string = never,
>(name: N, spec: IngestSpec<R, I, A>): IngestSource<N, Omit<R, A>> {
  const place = { source: name }
  const plan = freezeDeep(evaluate(place, 'its definition is wrong', () => planOf(name, spec, place)))
  return Object.freeze({ kind: 'source', name, plan })
}

/** What callers without types may have written. */
interface GivenSpec {
  readonly into?: unknown
  readonly id?: unknown
  readonly arrived?: unknown
  readonly format?: AnyFormat
  readonly from?: KafkaOrigin
}

const OPTIONS = ['into', 'id', 'arrived', 'format', 'from']

function planOf(name: string, spec: GivenSpec, place: Place): IngestPlan<AnyFormat> {
  checkTableName(name, place)
  if (name.endsWith('_rejected'))
    throw invalid(place, "the name ends in '_rejected', as the tables of rejected events do; choose another")
  const unknown = Object.keys(spec).find((option) => !OPTIONS.includes(option))
  if (unknown !== undefined) throw invalid(place, `it has no option '${unknown}'; there are ${OPTIONS.join(', ')}`)
  const into = tableOf(spec.into, place)
  if (into.zone !== null || Object.keys(into.zones ?? {}).length > 0)
    throw invalid(
      place,
      `times of '${into.table}' are local (zone), and events bring instants; declare the table without a zone`,
    )
  const plan: IngestPlan<AnyFormat> = {
    kind: 'ingest',
    name,
    into,
    id: idOf(spec.id, into, place),
    arrived: arrivedOf(spec.arrived, into, place),
    format: spec.format ?? json(),
    from: originOf(spec.from, place),
  }
  if (plan.arrived !== null && plan.id.includes(plan.arrived))
    throw invalid(place, `id has '${plan.arrived}', the arrival time, which differs each time an event comes`)
  const format = formatOf(plan)
  if (format === undefined) throw invalid(place, `its format is none of ${formatNames.join(', ')}`)
  const refusal = format.refuses(plan)
  if (refusal !== undefined) throw invalid(place, refusal)
  return plan
}

function tableOf(given: unknown, place: Place): IngestPlan['into'] {
  const table = given as Partial<IngestTable<Row>> | null | undefined
  if (typeof table === 'object' && table !== null && (table.kind === 'fact' || table.kind === 'dimension')) {
    if (table.plan !== undefined) return table.plan
  }
  throw invalid(place, 'into is not a table; make one with fact(…) or dimension(…)')
}

function originOf(given: KafkaOrigin | undefined, place: Place): KafkaOrigin | null {
  if (given === undefined || given === null) return null
  if (typeof given !== 'object' || given.kind !== 'kafka')
    throw invalid(place, "from is not a topic; make one with kafka({ topic: '…' })")
  checkKafkaOrigin(given, place)
  return given
}

function idOf(given: unknown, into: IngestPlan['into'], place: Place): readonly string[] {
  if (!Array.isArray(given) || given.length === 0 || given.some((name) => typeof name !== 'string'))
    throw invalid(place, "id must list the columns that say which event it is, such as ['payment_id']")
  const names: readonly string[] = given
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw invalid(place, `id has column '${twice}' twice`)
  for (const name of names) {
    const column = columnNamed(into.columns, name, 'table', place)
    if (column.nullable)
      throw invalid({ ...place, column: name }, 'it may be null, so it cannot be in an id; make it required')
  }
  return names
}

function arrivedOf(given: unknown, into: IngestPlan['into'], place: Place): string | null {
  if (given === undefined || given === null) return null
  if (typeof given !== 'string') throw invalid(place, 'arrived must be the name of a column')
  if (into.kind === 'fact' && into.eventTime === given)
    throw invalid(place, `arrived is '${given}', the event's own time; name another column, such as the fact's knownAt`)
  return roleColumn(into.columns, given, 'arrived', ['timestamp'], place)
}
