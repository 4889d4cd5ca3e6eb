import { congestionAt, weatherAt, type Climate } from './climate.ts'
import {
  intervalAt,
  registerArrival,
  SERVICES,
  typeFacts,
  type ScheduleChange,
  type Service,
  type Vehicle,
  type VehicleVersion,
} from './fleet.ts'
import { DAY, HOUR, MINUTE, type WorldShape } from './options.ts'
import type { Location } from './places.ts'
import { randomOf, type Random } from './random.ts'
import type { Segments } from './segments.ts'
import type { WorkOrder } from './work-orders.ts'

interface Done {
  km: number
  engineHours: number
  day: number
  /** The share of the interval at which the next one is going to be done. */
  patience: number
}

/** A defect: the vehicle breaks down on `fails`; unless it is silent, it runs hotter and reports faults until then. */
interface Defect {
  readonly onset: number
  readonly fails: number
  readonly silent: boolean
}

interface Books {
  readonly segments: Segments
  readonly workOrders: WorkOrder[]
  readonly vehicleVersions: VehicleVersion[]
}

/** A vehicle on its way through the days of the world. */
export class VehicleState {
  readonly vehicle: Vehicle
  readonly capacityKg: number
  home: Location
  /** Minutes after midnight when it is back at home. */
  freeAt = 0
  readonly #shape: WorldShape
  readonly #schedule: readonly ScheduleChange[]
  readonly #books: Books
  readonly #start: number
  readonly #done = new Map<Service, Done>()
  // Minutes and km of driving in each hour of today and tomorrow, and how much it carried.
  readonly #minutes = new Float64Array(48)
  readonly #km = new Float64Array(48)
  readonly #load = new Float64Array(48)
  #usedMinutes = 0
  #odometer: number
  #engine: number
  /** What the odometer lacks since it was replaced. */
  #missing = 0
  #defect: Defect | undefined
  #brokenAt = 0
  #workshopUntil = -1

  constructor(vehicle: Vehicle, shape: WorldShape, schedule: readonly ScheduleChange[], books: Books) {
    this.vehicle = vehicle
    this.#shape = shape
    this.#schedule = schedule
    this.#books = books
    this.#start = shape.startDay * DAY
    this.home = vehicle.home
    this.capacityKg = typeFacts[vehicle.type].capacityKg
    this.#odometer = vehicle.odometerKm
    this.#engine = vehicle.engineHours
    this.#tell(vehicle.commissionedDay * DAY, 'active')
    for (const [number, service] of SERVICES.entries()) this.#serviceBefore(service, number)
  }

  moveTo(home: Location, from: number, loadedAt: number): void {
    if (home === this.home || this.#workshopUntil >= 0) return
    this.home = home
    this.#books.vehicleVersions.push({ vehicle: this.vehicle, from, loadedAt, home, status: 'active' })
  }

  beginDay(day: number): void {
    this.freeAt = Math.max(0, this.freeAt - 1440)
    // A driver who comes home at night leaves late the next day.
    if (this.freeAt > 0) this.freeAt += 240
    this.#usedMinutes = 0
    if (this.#workshopUntil >= 0 && day >= this.#workshopUntil) {
      this.#workshopUntil = -1
      this.#tell(this.#start + day * DAY + 5 * HOUR, 'active')
    }
  }

  mayTake(minutes: number): boolean {
    return (
      this.#workshopUntil < 0 &&
      this.#brokenAt === 0 &&
      (this.#usedMinutes === 0 || this.#usedMinutes + minutes <= 13 * 60)
    )
  }

  /** 0 to 1: how far a defect has come. */
  weakness(day: number): number {
    const defect = this.#defect
    if (defect === undefined || defect.silent) return 0
    return Math.min(1, Math.max(0, (day - defect.onset + 1) / (defect.fails - defect.onset + 1)))
  }

  breaksOn(day: number): boolean {
    return this.#defect !== undefined && day >= this.#defect.fails && this.#brokenAt === 0
  }

  /** Drives there and back; `stopped` minutes are lost on the way there by a breakdown. */
  drive(minute: number, out: number, km: number, back: number, stopped: number, loadShare: number): void {
    if (stopped > 0) this.#brokenAt = minute + out / 2
    this.#roll(minute, out, km, loadShare)
    this.#roll(minute + out + stopped + 30, back, km, 0)
    this.#usedMinutes += out + back + 60
    this.freeAt = minute + out + stopped + back + 60
  }

  endDay(day: number, climate: Climate): void {
    const random = randomOf(this.#shape.seed, 42, this.vehicle.index, day)
    const { km, heat } = this.#report(day, climate, random)
    const at = this.#start + day * DAY
    if (this.#brokenAt > 0) this.#breakDown(day, random)
    else if (this.#workshopUntil < 0) this.#maintain(day, at, random)
    if (this.#workshopUntil < 0 && this.#defect === undefined && km > 0) this.#age(day, at, km, heat, random)
    if (random.next() < this.#shape.faults.odometerSwap / 365)
      this.#missing = this.#odometer - Math.round(400 * random.next())
    for (const hours of [this.#minutes, this.#km, this.#load]) hours.copyWithin(0, 24).fill(0, 24)
  }

  #roll(minute: number, duration: number, km: number, loadShare: number): void {
    let from = minute
    const end = Math.min(minute + duration, 48 * 60 - 1)
    while (from < end) {
      const hour = Math.floor(from / 60)
      const to = Math.min(end, (hour + 1) * 60)
      const share = (to - from) / duration
      this.#minutes[hour] = (this.#minutes[hour] ?? 0) + to - from
      this.#km[hour] = (this.#km[hour] ?? 0) + km * share
      this.#load[hour] = (this.#load[hour] ?? 0) + loadShare * (to - from)
      from = to
    }
  }

  /** The hours that it drove today: the counters, and what the engine was like. */
  #report(day: number, climate: Climate, random: Random): { km: number; heat: number } {
    const { type, index, hotness } = this.vehicle
    const weakness = this.weakness(day)
    let total = 0
    let heat = 0
    for (let hour = 0; hour < 24; hour++) {
      const minutes = Math.min(60, this.#minutes[hour] ?? 0)
      if (minutes < 1) continue
      const km = Math.round((this.#km[hour] ?? 0) * 100) / 100
      const load = (this.#load[hour] ?? 0) / minutes
      const at = day * 24 + hour
      const ambient = climate.temperature[weatherAt(climate, this.home.region, at)] ?? 10
      const jam = congestionAt(climate, this.home.region, at)
      const engineHours = Math.round((minutes / 60 + 0.02) * 1000) / 1000
      const thirst =
        typeFacts[type].litresPer100Km * (0.82 + 0.3 * load + 0.25 * jam + 0.004 * Math.max(0, 12 - ambient))
      const temperature =
        84 + hotness + 0.28 * Math.max(0, ambient) + 5 * load + 5 * jam + 10 * weakness ** 1.1 + 1.5 * random.normal()
      const faulty = random.next() < 0.006 + 0.2 * weakness ** 1.2
      const serious = random.next() < (weakness > 0 ? 0.75 : 0.25)
      const code = faulty ? 1 + (serious ? 2 + Math.floor(random.next() * 4) : Math.floor(random.next() * 2)) : 0
      this.#books.segments.add({
        vehicle: index,
        hour: this.#shape.startDay * 24 + at,
        odometer: this.#odometer - this.#missing,
        km,
        engine: this.#engine,
        engineHours,
        fuel: Math.round(thirst * km * (0.97 + 0.06 * random.next()) * 10) / 1000,
        temperature: Math.round(temperature * 10) / 10,
        fault: code,
      })
      this.#odometer += km
      this.#engine += engineHours
      total += km
      heat = Math.max(heat, ambient)
    }
    return { km: total, heat }
  }

  /** A defect may begin: the more, the longer services are overdue, the older the vehicle and the hotter the day. */
  #age(day: number, at: number, km: number, heat: number, random: Random): void {
    const { type, fragility, commissionedDay } = this.vehicle
    const years = (this.#shape.startDay + day - commissionedDay) / 365
    const oil = Math.min(1.2, Math.max(0, this.#share('oil', at) - 0.75))
    const brakes = Math.min(1.2, Math.max(0, this.#share('brakes', at) - 0.75))
    const worn = 3 * oil + 2.2 * brakes + 0.13 * (years - 4) + 0.035 * Math.max(0, heat - 20)
    const hazard = 0.0034 * typeFacts[type].hazard * fragility * Math.exp(worn) * (km / 280)
    if (random.next() >= hazard) return
    const silent = random.next() < 0.2
    const lead = silent ? Math.floor(3 * random.next()) : 7 + Math.floor(Math.min(18, -6 * Math.log(1 - random.next())))
    this.#defect = { onset: day + 1, fails: day + 1 + lead, silent }
  }

  #breakDown(day: number, random: Random): void {
    const at = this.#start + day * DAY + Math.round(this.#brokenAt) * MINUTE
    const repair = 1 + Math.floor(4 * random.next() ** 1.5)
    const costCents = Math.round(80_000 + 340_000 * random.next() ** 2)
    const invoiced = at + (repair + 1) * DAY
    this.#books.workOrders.push({ vehicle: this.vehicle, kind: 'breakdown', performed: at, invoiced, costCents })
    this.#tell(at, 'workshop')
    this.#workshopUntil = day + 1 + repair
    this.#defect = undefined
    this.#brokenAt = 0
    // The workshop changes the oil of what it takes apart, and often the brakes.
    this.#reset('oil', day, random)
    if (random.next() < 0.4) this.#reset('brakes', day, random)
  }

  #maintain(day: number, at: number, random: Random): void {
    if ((this.#shape.startDay + day + 3) % 7 >= 5) return
    for (const service of SERVICES) {
      const done = this.#done.get(service)
      if (done === undefined || this.#share(service, at) < done.patience) continue
      const performed = at + 17 * HOUR + Math.floor(180 * random.next()) * MINUTE
      const base = { oil: 18_000, brakes: 62_000, tyres: 95_000, inspection: 24_000 }[service]
      const costCents = Math.round(base * (0.8 + 0.5 * random.next()))
      const invoiced = performed + (2 + Math.floor(9 * random.next())) * DAY
      this.#books.workOrders.push({ vehicle: this.vehicle, kind: service, performed, invoiced, costCents })
      this.#reset(service, day, random)
      const found = { oil: 0.3, brakes: 0.25, tyres: 0.05, inspection: 0.7 }[service]
      if (this.#defect !== undefined && random.next() < found) this.#defect = undefined
    }
  }

  /** How much of a service's interval is used up at a time: 1 when it is due. */
  #share(service: Service, at: number): number {
    const done = this.#done.get(service)
    if (done === undefined) return 0
    const { days, km, engineHours } = intervalAt(this.#schedule, this.vehicle.type, service, at)
    return Math.max(
      km === null ? 0 : (this.#odometer - done.km) / km,
      days === null ? 0 : ((at - this.#start) / DAY - done.day) / days,
      engineHours === null ? 0 : (this.#engine - done.engineHours) / engineHours,
    )
  }

  #reset(service: Service, day: number, random: Random): void {
    const late = random.next()
    const spread = late < 0.12 ? 0.35 + 0.5 * random.next() : 0.1 * random.normal()
    const patience = Math.max(0.7, this.vehicle.tardiness + spread)
    this.#done.set(service, { km: this.#odometer, engineHours: this.#engine, day, patience })
  }

  /** The service of each kind before the world began, which the books know too. */
  #serviceBefore(service: Service, number: number): void {
    const random = randomOf(this.#shape.seed, 43, this.vehicle.index, number)
    this.#reset(service, 0, random)
    const done = this.#done.get(service)
    if (done === undefined) return
    const { days, km, engineHours } = intervalAt([], this.vehicle.type, service, 0)
    const usual = { km: 215, engineHours: 4.6 }
    const length = Math.min(
      days ?? Infinity,
      km === null ? Infinity : km / usual.km,
      engineHours === null ? Infinity : engineHours / usual.engineHours,
    )
    const age = this.#shape.startDay - this.vehicle.commissionedDay
    const ago = Math.max(1, Math.min(age, Math.round(length * random.next())))
    done.day = -ago
    done.km -= Math.round(ago * usual.km)
    done.engineHours -= Math.round(ago * usual.engineHours)
    const performed = this.#start - ago * DAY + 17 * HOUR
    const costCents = Math.round(30_000 * (0.8 + 0.5 * random.next()))
    this.#books.workOrders.push({
      vehicle: this.vehicle,
      kind: service,
      performed,
      invoiced: Math.min(performed + 5 * DAY, this.#start),
      costCents,
    })
  }

  #tell(from: number, status: VehicleVersion['status']): void {
    const loadedAt = registerArrival(this.#start, from)
    this.#books.vehicleVersions.push({ vehicle: this.vehicle, from, loadedAt, home: this.home, status })
  }
}
