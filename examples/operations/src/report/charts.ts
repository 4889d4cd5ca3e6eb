import { escaped } from './page.ts'

export interface Point {
  readonly label: string
  /** NaN is a gap. */
  readonly value: number
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [460, 190, 44, 24, 10]
const COLOUR = '#2c6fbb'

/** A column for each point, from 0. */
export function columnChart(points: readonly Point[], words: (value: number) => string): string {
  const most = niceMost(points)
  const step = (WIDTH - LEFT - 8) / Math.max(1, points.length)
  const width = Math.min(44, step * 0.66)
  const columns = points.flatMap(({ label, value }, at) => {
    if (!Number.isFinite(value)) return []
    const [x, y] = [LEFT + step * (at + 0.5) - width / 2, yOf(value, most)]
    const height = HEIGHT - BOTTOM - y
    const place = `x="${fixed(x)}" y="${fixed(y)}" width="${fixed(width)}" height="${fixed(height)}"`
    const title = escaped(`${label}: ${words(value)}`)
    return [`<rect ${place} rx="2" fill="${COLOUR}"><title>${title}</title></rect>`]
  })
  return chart(most, [...columns, ...labels(points, (at) => LEFT + step * (at + 0.5), 12, 'middle')])
}

/** A line through the points, from 0, with the ground below it tinted. */
export function lineChart(points: readonly Point[]): string {
  const most = niceMost(points)
  const step = (WIDTH - LEFT - 14) / Math.max(1, points.length - 1)
  const x = (at: number): number => LEFT + 4 + step * at
  const drawn = points.flatMap(({ value }, at) =>
    Number.isFinite(value) ? [`${fixed(x(at))},${fixed(yOf(value, most))}`] : [],
  )
  const base = HEIGHT - BOTTOM
  const around = [`${fixed(x(0))},${base}`, ...drawn, `${fixed(x(points.length - 1))},${base}`]
  const ground = `<polygon points="${around.join(' ')}" fill="${COLOUR}" opacity=".12"/>`
  const line = `<polyline points="${drawn.join(' ')}" fill="none" stroke="${COLOUR}" stroke-width="2" stroke-linejoin="round"/>`
  return chart(most, [...(drawn.length === 0 ? [] : [ground, line]), ...labels(points, x, 6, 'end')])
}

function chart(most: number, inner: readonly string[]): string {
  const lines = [0, 0.5, 1].map((part) => {
    const y = fixed(yOf(part * most, most))
    const label = `<text x="${LEFT - 6}" y="${y}" dy="4" text-anchor="end">${axisLabel(part * most)}</text>`
    return `<line x1="${LEFT}" x2="${WIDTH - 4}" y1="${y}" y2="${y}" stroke="#e3e7ec"/>${label}`
  })
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">${lines.join('')}${inner.join('')}</svg>`
}

/** At most so many labels, the last one among them; it stands at its place by `last`, the others in the middle. */
function labels(
  points: readonly Point[],
  x: (at: number) => number,
  most: number,
  last: 'middle' | 'end',
): readonly string[] {
  const every = Math.ceil(points.length / most)
  return points.flatMap(({ label }, at) => {
    if ((points.length - 1 - at) % every !== 0) return []
    const anchor = at === points.length - 1 ? last : 'middle'
    return [`<text x="${fixed(x(at))}" y="${HEIGHT - 7}" text-anchor="${anchor}">${escaped(label)}</text>`]
  })
}

function yOf(value: number, most: number): number {
  return TOP + (HEIGHT - BOTTOM - TOP) * (1 - value / most)
}

/** A round number that no value is above, whose half is round too. */
export function niceMost(points: readonly Point[]): number {
  const most = Math.max(0, ...points.map(({ value }) => (Number.isFinite(value) ? value : 0)))
  if (most === 0) return 2
  const size = 10 ** Math.floor(Math.log10(most))
  return (
    ([1, 1.2, 1.6, 2, 3, 4, 6, 8, 10].find((factor) => factor * size >= most && (factor * size) % 2 === 0) ?? 10) * size
  )
}

/** `60k`, `1.2M`: short enough for an axis. */
export function axisLabel(value: number): string {
  const [size, letter] = value >= 1_000_000 ? [1_000_000, 'M'] : value >= 1000 ? [1000, 'k'] : [1, '']
  return `${Math.round((10 * value) / size) / 10}${letter}`
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10)
}
