import type { Random } from './random.ts'
import type { Route } from './places.ts'

export interface Trip {
  readonly plannedMinutes: number
  readonly distanceKm: number
  readonly route: Route
  /** Hours after midnight (UTC). */
  readonly hour: number
  /** 1 (Monday) to 7. */
  readonly weekday: number
  /** Indices into CONDITIONS, at the origin and at the destination. */
  readonly condition: number
  readonly conditionThere: number
  readonly congestion: number
  readonly congestionThere: number
  readonly loadShare: number
  /** 0: sound; 1: about to break down. */
  readonly weakness: number
  readonly tier: number
}

const weatherLoss = [0, 0.09, 0.32, 0.24]

/** Minutes that a trip takes beyond what is planned for it; below 0 when it is quicker. */
export function delayOf(random: Random, trip: Trip): number {
  const { plannedMinutes: planned, route, loadShare, tier, weekday } = trip
  const congestion = 0.55 * trip.congestion + 0.45 * trip.congestionThere
  const weather = 0.5 * (weatherLoss[trip.condition] ?? 0) + 0.5 * (weatherLoss[trip.conditionThere] ?? 0)
  const dark = trip.hour < 6 || trip.hour > 17 ? 0.02 : 0
  const share =
    (route.bias - 1) * 1.1 +
    0.7 * (congestion - 0.2) +
    weather +
    0.14 * (loadShare - 0.6) +
    0.16 * trip.weakness +
    (weekday === 5 ? 0.03 : 0) +
    dark +
    0.07 * random.normal()
  // Wet roads and full ones make each other worse.
  const both = weather > 0.05 && congestion > 0.3 ? 0.12 : 0
  const incident = random.next() < 0.02 ? 25 + 60 * -Math.log(1 - random.next()) : 0
  const handling = route.destination.unloading + (tier === 2 ? -8 : tier === 0 ? 4 : 0) + 7 * random.normal()
  return planned * (share + both) + handling + incident
}
