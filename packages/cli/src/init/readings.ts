const DAY = 86_400_000
const DAYS = 60
const CUSTOMERS = 20
const HOURS = [0, 6, 12, 18]
/** Night, morning, afternoon, evening. */
const SHAPE = [0.6, 1, 0.9, 1.5]

/** Readings of some customers, every six hours for sixty days; always the same for the same day. */
export function readingsCsv(today: Date): string {
  const end = Math.floor(today.getTime() / DAY) * DAY
  const random = generator(7)
  const lines = ['customer_id,ts,kwh']
  for (let customer = 1; customer <= CUSTOMERS; customer++) {
    const size = 1 + 4 * random()
    const weekend = 0.8 + 0.6 * random()
    for (let day = end - DAYS * DAY; day < end; day += DAY) {
      const isWeekend = [0, 6].includes(new Date(day).getUTCDay())
      for (const [part, hour] of HOURS.entries()) {
        const kwh = size * (SHAPE[part] ?? 1) * (isWeekend ? weekend : 1) * (0.8 + 0.4 * random())
        const time = new Date(day + hour * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
        lines.push(`c${String(customer).padStart(2, '0')},${time},${kwh.toFixed(3)}`)
      }
    }
  }
  return `${lines.join('\n')}\n`
}

/** Numbers in [0, 1) from a linear congruential generator, good enough for sample data. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
