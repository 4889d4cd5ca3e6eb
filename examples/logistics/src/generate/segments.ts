/** Hours of driving, one row each, in growing typed arrays. */
export class Segments {
  #size = 0
  #room = 4096
  /** Index of the vehicle. */
  vehicle = new Int32Array(this.#room)
  /** Hours since the epoch. */
  hour = new Int32Array(this.#room)
  /** The counter as the vehicle shows it when the hour begins, after swaps. */
  odometer = new Float64Array(this.#room)
  km = new Float64Array(this.#room)
  engine = new Float64Array(this.#room)
  engineHours = new Float64Array(this.#room)
  fuel = new Float64Array(this.#room)
  temperature = new Float64Array(this.#room)
  /** Index into FAULT_CODES plus 1; 0 for none. */
  fault = new Uint8Array(this.#room)

  get size(): number {
    return this.#size
  }

  add(row: {
    readonly vehicle: number
    readonly hour: number
    readonly odometer: number
    readonly km: number
    readonly engine: number
    readonly engineHours: number
    readonly fuel: number
    readonly temperature: number
    readonly fault: number
  }): void {
    if (this.#size === this.#room) this.#grow()
    const at = this.#size++
    this.vehicle[at] = row.vehicle
    this.hour[at] = row.hour
    this.odometer[at] = row.odometer
    this.km[at] = row.km
    this.engine[at] = row.engine
    this.engineHours[at] = row.engineHours
    this.fuel[at] = row.fuel
    this.temperature[at] = row.temperature
    this.fault[at] = row.fault
  }

  #grow(): void {
    this.#room *= 2
    this.vehicle = grown(this.vehicle, new Int32Array(this.#room))
    this.hour = grown(this.hour, new Int32Array(this.#room))
    this.odometer = grown(this.odometer, new Float64Array(this.#room))
    this.km = grown(this.km, new Float64Array(this.#room))
    this.engine = grown(this.engine, new Float64Array(this.#room))
    this.engineHours = grown(this.engineHours, new Float64Array(this.#room))
    this.fuel = grown(this.fuel, new Float64Array(this.#room))
    this.temperature = grown(this.temperature, new Float64Array(this.#room))
    this.fault = grown(this.fault, new Uint8Array(this.#room))
  }
}

function grown<T extends Int32Array | Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from)
  return to
}

/** What engines report; the first two mean little, the others come before a breakdown. */
export const FAULT_CODES = ['P0420', 'U0100', 'P0217', 'P0520', 'C0040', 'P0300'] as const
