import { weatherAt } from './climate.ts'
import type { Note } from './ledger.ts'
import { DAY, HOUR, MINUTE, type FaultName } from './options.ts'
import { randomOf, type Random } from './random.ts'
import { FAULT_CODES } from './segments.ts'
import type { World } from './simulate.ts'

/** An hour of a vehicle, from which its readings follow. Indices count the readings of the hour; -1 is none of them. */
export interface TelemetryHour {
  readonly vehicle: number
  /** Milliseconds since the epoch. */
  readonly begins: number
  readonly odometer: number
  readonly km: number
  readonly engine: number
  readonly engineHours: number
  readonly fuel: number
  readonly temperature: number
  readonly faultCode: string | null
  readonly faultAt: number
  readonly sentinelAt: number
  readonly clockAt: number
  readonly negativeAt: number
  /** A number from which the scatter of the hour's readings follows. */
  readonly noise: number
  /** Milliseconds from a reading to its arrival. */
  readonly lag: number
}

/** The hours of all vehicles that were driven, and with `parked` the others too; day after day, vehicle after vehicle. */
export function* telemetryHours(world: World, note: Note): Generator<TelemetryHour> {
  const { shape, segments, fleet, climate } = world
  const perHour = 60 / shape.everyMinutes
  const last = fleet.map(({ odometerKm, engineHours }) => ({ odometer: odometerKm, engine: engineHours }))
  let at = 0
  for (let day = 0; day < shape.days; day++) {
    const end = (shape.startDay + day + 1) * 24
    for (const { index, id, home } of fleet) {
      const mine = (): boolean => at < segments.size && segments.vehicle[at] === index && (segments.hour[at] ?? 0) < end
      if (!mine() && !shape.parked) continue
      const random = randomOf(shape.seed, 60, index, day)
      const usual = (4 + Math.floor(40 * random.next())) * MINUTE
      const late = random.next() < shape.faults.lateTelemetry
      const lag = usual + (late ? Math.floor((3 + 117 * random.next()) * 60) * MINUTE : 0)
      const begin = (shape.startDay + day) * DAY
      const counter = last[index] ?? { odometer: 0, engine: 0 }
      let hours = 0
      for (let hour = end - 24; hour < end; hour++) {
        if (mine() && segments.hour[at] === hour) {
          const code = segments.fault[at] ?? 0
          const swapped = isSwap(counter.odometer, segments.odometer[at] ?? 0)
          const faults = hourFaults(world, random, perHour, swapped)
          const km = segments.km[at] ?? 0
          const engineHours = segments.engineHours[at] ?? 0
          if (swapped) noteSwap(world, note, id, hour, lag)
          counter.odometer = (segments.odometer[at] ?? 0) + km
          counter.engine = (segments.engine[at] ?? 0) + engineHours
          hours++
          noteHour(note, faults, { id, begins: hour * HOUR, lag, everyMinutes: shape.everyMinutes })
          yield {
            vehicle: index,
            begins: hour * HOUR,
            odometer: segments.odometer[at] ?? 0,
            km,
            engine: segments.engine[at] ?? 0,
            engineHours,
            fuel: segments.fuel[at] ?? 0,
            temperature: segments.temperature[at] ?? 0,
            faultCode: code === 0 ? null : (FAULT_CODES[code - 1] ?? null),
            faultAt: code === 0 ? -1 : faults.reading,
            ...faults,
            lag,
          }
          at++
        } else if (shape.parked) {
          const ambient = climate.temperature[weatherAt(climate, home.region, hour - shape.startDay * 24)] ?? 10
          yield {
            vehicle: index,
            begins: hour * HOUR,
            odometer: counter.odometer,
            km: 0,
            engine: counter.engine,
            engineHours: 0,
            fuel: 0,
            temperature: ambient,
            faultCode: null,
            faultAt: -1,
            sentinelAt: -1,
            clockAt: -1,
            negativeAt: -1,
            noise: (hour * 31 + index) % 65_536,
            lag,
          }
        }
      }
      if (late && hours > 0)
        note({
          fault: 'lateTelemetry',
          table: 'raw.telemetry',
          key: `${id} ${new Date(begin).toISOString().slice(0, 10)}`,
          loadedAt: begin + DAY + lag,
        })
    }
  }
}

interface HourFaults {
  readonly reading: number
  readonly sentinelAt: number
  readonly clockAt: number
  readonly negativeAt: number
  readonly noise: number
}

function hourFaults({ shape: { faults } }: World, random: Random, perHour: number, swapped: boolean): HourFaults {
  const noise = Math.floor(65_536 * random.next())
  const reading = noise % perHour
  const [sentinel, clock, negative] = [random.next(), random.next(), random.next()]
  // One fault is enough for a reading.
  if (swapped) return { noise, reading, sentinelAt: -1, clockAt: -1, negativeAt: -1 }
  const clockAt = clock < faults.clock1970 ? reading : -1
  const sentinelAt = clockAt < 0 && sentinel < faults.odometerSentinel ? reading : -1
  const negativeAt = clockAt < 0 && sentinelAt < 0 && negative < faults.negativeFuel ? reading : -1
  return { noise, reading, sentinelAt, clockAt, negativeAt }
}

interface HourPlace {
  readonly id: string
  readonly begins: number
  readonly lag: number
  readonly everyMinutes: number
}

function noteHour(note: Note, faults: HourFaults, { id, begins, lag, everyMinutes }: HourPlace): void {
  const { reading, sentinelAt, clockAt, negativeAt } = faults
  if (sentinelAt < 0 && clockAt < 0 && negativeAt < 0) return
  const recorded = begins + (reading + 1) * everyMinutes * MINUTE
  const key = `${id} ${new Date(recorded).toISOString()}`
  const tell = (fault: FaultName): void => note({ fault, table: 'raw.telemetry', key, loadedAt: recorded + lag })
  if (sentinelAt >= 0) tell('odometerSentinel')
  if (clockAt >= 0) tell('clock1970')
  if (negativeAt >= 0) tell('negativeFuel')
}

/** A counter that begins far below where it ended belongs to a new odometer. */
function isSwap(before: number, now: number): boolean {
  return now < before - 500
}

function noteSwap({ shape }: World, note: Note, id: string, hour: number, lag: number): void {
  const recorded = hour * HOUR + shape.everyMinutes * MINUTE
  const key = `${id} ${new Date(recorded).toISOString()}`
  note({ fault: 'odometerSwap', table: 'raw.telemetry', key, loadedAt: recorded + lag })
}
