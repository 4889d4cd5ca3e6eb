import { calendarParts, type CalendarFeature, type CalendarPart } from '../../vocabulary/features/calendar.ts'
import { single, type Gridded } from './features.ts'
import { invalid } from '../invalid-definition.ts'
import type { AnyLookupTable } from '../sources/lookup-table.ts'
import { lookup, type KnownThen, type LookupColumn, type LookupOptions, type LookupValue } from './lookup.ts'

/** Features of T itself, the same for everybody. */
export interface CalendarBuilder {
  /** A part of T on the clock of the view's zone; weeks are ISO weeks, dayOfWeek is 1 on Monday. */
  calendar<const P extends CalendarPart>(part: P): Gridded<P extends 'isWeekend' ? boolean : number, ''>
  /**
   * A column of what holds for everybody at T, or so long from T; null where no row does.
   *
   * @example f.lookup(holidays, 'name', { at: '+1d' })
   */
  lookup<D extends AnyLookupTable, C extends string, const O extends LookupOptions = LookupOptions>(
    table: KnownThen<D, O>,
    column: LookupColumn<C, RowOfTable<D>>,
    options?: O,
  ): Gridded<LookupValue<RowOfTable<D>, C>, ''>
}

type RowOfTable<D> = D extends { readonly '~row'?: infer R } ? R : never

export function calendarBuilder(): CalendarBuilder {
  return {
    calendar: (part) =>
      single((name, place) => {
        if (!calendarParts.includes(part)) {
          throw invalid(place, `'${part}' is not a calendar part; there are ${calendarParts.join(', ')}`)
        }
        const type = part === 'isWeekend' ? 'boolean' : 'integer'
        return { kind: 'calendar', name, type, nullable: false, part } satisfies CalendarFeature
      }),
    lookup: (table: AnyLookupTable | string | undefined, column: string, options?: LookupOptions) =>
      lookup(table, column, options),
  }
}
