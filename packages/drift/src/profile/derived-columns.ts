import { sql, type ColumnSpec, type Sql, type Warehouse } from '@martlet/warehouse'
import { ageSql, formSql, instantMicros, type Since } from '../count/instant-sql.ts'
import { numbersOf } from '../count/numbers-of.ts'
import { fromRelation, type Relation } from '../count/relation.ts'
import { namedAlike } from '../count/spelling.ts'
import { columnKind, type ColumnProfile, type ProfiledColumn } from './reference-profile.ts'

/** What a column is computed from, where the warehouse computes it for the monitor alone. */
export interface Derivation {
  /** The date or instant. */
  readonly of: string
  /** How old it is, in hours; or its form: a sentinel, or its unit and whether it lies ahead. */
  readonly as: 'age' | 'form'
  /** From when: the time of each row, the clock of the run, or one instant (ISO 8601, UTC). */
  readonly since: 'row' | 'run' | { readonly instant: string }
}

/** A column of the reference that the warehouse computes. */
export interface DerivedColumn extends ProfiledColumn {
  readonly derived: Derivation
}

/** The columns that stand for dates and instants beside their nulls, each after the column that it is of. */
export async function withDerived(
  warehouse: Warehouse,
  { relation, columns: present }: { readonly relation: Relation; readonly columns: readonly ColumnSpec[] },
  columns: readonly ProfiledColumn[],
  time: string | null,
  end: string | null,
): Promise<readonly (ProfiledColumn | DerivedColumn)[]> {
  const dated = columns.filter((column) => columnKind(column) === 'time' && column.calendar !== true)
  if (dated.length === 0) return columns
  const aged = time === null || end === null ? [] : dated.filter(({ name }) => name !== time)
  const moving = time === null ? new Set<string>() : await movingWith(warehouse, relation, time, aged)
  return columns.flatMap((column) => {
    if (!dated.includes(column)) return [column]
    const age: Derivation = {
      of: column.name,
      as: 'age',
      since: moving.has(column.name) ? 'row' : { instant: end ?? '' },
    }
    const form: Derivation = { of: column.name, as: 'form', since: time === null ? 'run' : 'row' }
    const derived = [...(aged.includes(column) ? [age] : []), form].map((one) => derivedColumn(column, one))
    return [column, ...derived.filter(({ name }) => namedAlike(present, name).length === 0)]
  })
}

/** The columns of a profile, or of a request, that are read and not derived. */
export function plainColumns<C extends MaybeDerived>(columns: readonly C[]): readonly C[] {
  return columns.filter(({ derived }) => derived === undefined)
}

/**
 * The columns that are kept, with those that are derived from them.
 *
 * @example keptColumns(profile.columns, ({ role }) => role !== 'label')
 */
export function keptColumns<C extends MaybeDerived>(columns: readonly C[], keep: (column: C) => boolean): readonly C[] {
  const kept = new Set(columns.filter(keep).map(({ name }) => name))
  return columns.filter(({ name, derived }) => kept.has(derived?.of ?? name))
}

interface MaybeDerived {
  readonly name: string
  readonly derived?: Derivation
}

/** What derived columns are computed from, beside the columns that they are of. */
export interface DerivedFrom {
  /** The column that says when a row happened. */
  readonly time: string | null
  readonly now: Date
  /** The first of the units that are told apart, see {@link formSql}. */
  readonly finest?: number
}

/** The rows with their derived columns. */
export function derivedRelation(
  warehouse: Warehouse,
  relation: Relation,
  derivations: readonly { readonly name: string; readonly derived: Derivation }[],
  from: DerivedFrom,
): Relation {
  if (derivations.length === 0) return relation
  const computed = derivations.map(
    ({ name, derived }) => sql`${derivedSql(warehouse, derived, from)} AS ${sql.id(name)}`,
  )
  return sql`SELECT *, ${sql.join(computed)} FROM ${fromRelation(relation)}`
}

function derivedSql({ leaves }: Warehouse, { of, as, since }: Derivation, { time, now, finest }: DerivedFrom): Sql {
  const from: Since =
    since === 'row' && time !== null
      ? { column: time }
      : { instant: typeof since === 'object' ? new Date(since.instant) : now }
  return as === 'age' ? ageSql(leaves, of, from) : formSql(leaves, of, from, finest)
}

/** What columns that are derived from dates and instants may be called. */
export function derivedNames(columns: readonly ColumnProfile[]): readonly { readonly name: string }[] {
  const times = columns.filter(({ kind }) => kind === 'time')
  return times.flatMap(({ name }) => [{ name: derivedName(name, 'age') }, { name: derivedName(name, 'form') }])
}

function derivedName(of: string, as: Derivation['as']): string {
  return `${of} ${as === 'age' ? '(age in hours)' : '(form)'}`
}

function derivedColumn({ name, role, importance, sources }: ProfiledColumn, derived: Derivation): DerivedColumn {
  return {
    name: derivedName(name, derived.as),
    type: derived.as === 'age' ? 'double' : 'text',
    derived,
    ...(role === undefined ? {} : { role }),
    ...(importance === undefined ? {} : { importance }),
    ...(sources === undefined ? {} : { sources }),
  }
}

/** Of a normal law: the standard error of a median by its deviation over √n, and the distance of its quartiles by its deviation. */
const MEDIAN_ERROR = 1.2533
const QUARTILES = 1.349

/**
 * The columns whose age is taken at the time of their rows: all but those whose values certainly do not move with it, because
 * from the earlier to the later half of the rows their median moves by less than half as much. Such a column, say the day on
 * which a tariff began, gets older with every window and is compared as it is.
 */
async function movingWith(
  warehouse: Warehouse,
  relation: Relation,
  time: string,
  columns: readonly ProfiledColumn[],
): Promise<ReadonlySet<string>> {
  if (columns.length === 0) return new Set()
  const { leaves } = warehouse
  const micros = leaves.toDouble(instantMicros(leaves, time))
  const [median = micros] = leaves.quantiles(micros, [0.5])
  const middle = await warehouse.read(sql`SELECT ${median} AS m FROM ${fromRelation(relation)}`)
  const [at = Number.NaN] = middle.columns.flatMap(numbersOf)
  if (Number.isNaN(at)) return new Set()
  const ages = columns.map(({ name }) => ageSql(leaves, name, { instant: new Date(0) }))
  const moves: HalfMove[] = []
  for (const value of [leaves.divide(micros, leaves.toDouble(sql.raw('-3.6e9'))), ...ages])
    moves.push(await moveBetweenHalves(warehouse, relation, value, { micros, at }))
  const [rows, ...values] = moves
  const moved = Math.abs(rows?.by ?? Number.NaN)
  return new Set(
    columns.flatMap(({ name }, index) => {
      const { by, error } = values[index] ?? { by: Number.NaN, error: 0 }
      return Math.abs(by) + 2 * error < moved / 2 ? [] : [name]
    }),
  )
}

interface HalfMove {
  /** How far the median moves from the earlier half to the later one, hours. */
  readonly by: number
  /** Its standard error. */
  readonly error: number
}

async function moveBetweenHalves(
  warehouse: Warehouse,
  relation: Relation,
  value: Sql,
  { micros, at }: { readonly micros: Sql; readonly at: number },
): Promise<HalfMove> {
  const { leaves } = warehouse
  const cells = ['<=', '>'].flatMap((side) => {
    const half = sql`CASE WHEN ${micros} ${sql.raw(`${side} ${at.toExponential()}`)} THEN ${value} END`
    return [...leaves.quantiles(half, [0.25, 0.5, 0.75]), leaves.toDouble(sql`COUNT(${half})`)]
  })
  const named = cells.map((cell, index) => sql`${cell} AS ${sql.id(`c${index}`)}`)
  const batch = await warehouse.read(sql`SELECT ${sql.join(named)} FROM ${fromRelation(relation)}`)
  const found = batch.columns.map((vector) => numbersOf(vector)[0] ?? Number.NaN)
  const half = (from: number): { readonly median: number; readonly variance: number } => {
    const [low = Number.NaN, median = Number.NaN, high = Number.NaN, rows = 0] = found.slice(from, from + 4)
    return { median, variance: (MEDIAN_ERROR * ((high - low) / QUARTILES)) ** 2 / rows }
  }
  const [early, late] = [half(0), half(4)]
  return { by: late.median - early.median, error: Math.sqrt(early.variance + late.variance) }
}
