import type { HappensPlan, LabelPlan, NextPlan, TimeToPlan } from '../../src/plan/label-plan.ts'
import type { Answer } from './exact/agree.ts'
import type { Row, Value } from './row.ts'
import { DAY, type OracleMart, type Answers } from './mart.ts'
import { passes } from './expression.ts'
import { withComputed, time, aggregatesIn } from './events.ts'
import { windowed, type OraclePoint } from './windows.ts'

/** What each column of a label must be. */
export function labelAnswers(mart: OracleMart, label: LabelPlan, key: Row, t: number, asOf: number): Answers {
  const { name, gap, length, steps } = label
  if (isTimeTo(label.aggregate)) return lifeAnswers(mart, label, label.aggregate, key, t, asOf)
  if (steps === undefined) return { [name]: labelValue(mart, label, key, t, asOf) }
  return Object.fromEntries(
    Array.from({ length: steps }, (_, i) => [
      `${name}_${i + 1}`,
      labelValue(mart, { ...label, gap: gap + i * length }, key, t, asOf),
    ]),
  )
}

/** Null while the window (and its maturity) has not closed. */
function labelValue(mart: OracleMart, label: LabelPlan, key: Row, t: number, asOf: number): Value | Answer {
  if (t + label.gap + label.length + label.maturity > asOf) return null
  const { fact, aggregate } = label
  const plans = 'numerator' in aggregate || 'matching' in aggregate ? aggregatesIn(aggregate) : [aggregate]
  const history = (mart.tables[fact.table] ?? [])
    .filter((row) => label.entity.keys.every(({ name }) => row[name] === key[name]))
    .map((row): Row => ({
      ...row,
      '~us': time(row, fact.eventTime),
      '~sequence': fact.sequence === null ? 0 : (row[fact.sequence] ?? null),
    }))
  const rows = withComputed(fact, plans, history).filter(
    (row) => time(row, '~us') >= t + label.gap && time(row, '~us') < t + label.gap + label.length,
  )
  const point: OraclePoint = {
    mart,
    view: { entity: label.entity, source: fact, delay: 0, grid: { every: 1, zone: 'UTC' } },
    key,
    T: t,
  }
  const lifetime = { kind: 'lifetime' } as const
  if ('numerator' in aggregate || 'matching' in aggregate) return windowed(aggregate, lifetime, rows, point)
  const counted = rows.filter((row) => passes(aggregate.where, row))
  if (isHappens(aggregate)) return counted.length > 0
  if (isNext(aggregate)) {
    if (counted.length === 0) return 'none'
    return windowed({ ...aggregate, function: 'first' }, lifetime, rows, point)
  }
  if (!('column' in aggregate)) throw new Error(`there is no label of ${aggregate.function}`)
  return windowed(aggregate, lifetime, rows, point)
}

function isHappens(aggregate: LabelPlan['aggregate']): aggregate is HappensPlan {
  return aggregate.function === 'happens'
}

function isNext(aggregate: LabelPlan['aggregate']): aggregate is NextPlan {
  return aggregate.function === 'next'
}

function isTimeTo(aggregate: LabelPlan['aggregate']): aggregate is TimeToPlan {
  return aggregate.function === 'timeTo'
}

/** Walks the facts that are known inside the window; without one, the days that are known to be free of them. */
function lifeAnswers(
  mart: OracleMart,
  { name, fact, entity, gap, length, maturity }: LabelPlan,
  { where }: TimeToPlan,
  key: Row,
  t: number,
  asOf: number,
): Answers {
  const observed = `${name}_observed`
  const end = Math.min(t + gap + length, asOf - maturity)
  if (end <= t + gap) return { [name]: null, [observed]: null }
  const times = (mart.tables[fact.table] ?? [])
    .filter((row) => entity.keys.every((one) => row[one.name] === key[one.name]) && passes(where, row))
    .map((row) => time(row, fact.eventTime))
    .filter((at) => at >= t + gap && at < end)
  return { [name]: (Math.min(end, ...times) - t) / DAY, [observed]: times.length > 0 }
}
