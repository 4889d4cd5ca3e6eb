import type { WindowResult } from '../../verdict/result.ts'
import { markup, nothing, type Markup } from '../markup.ts'
import { instant, span, statusWord, wasEvaluated } from '../words.ts'

const WIDTH = 1000
const HEIGHT = 72
/** A strip of a few alerts is drawn as if there were this many, so that one does not fill it. */
const LEAST_TOP = 4

/** One mark per window: how many columns alerted, and whether the data was broken. */
export function windowStrip(windows: readonly WindowResult[]): Markup {
  if (windows.length < 2) return nothing
  const columns = Math.max(1, ...windows.map((window) => window.columns.length))
  const alerts = windows.map((window) => count(window, 'crit') + count(window, 'warn'))
  const top = Math.min(columns, Math.max(LEAST_TOP, ...alerts))
  const [first, last] = [windows[0], windows.at(-1)]
  return markup`
    <h2>Over time</h2>
    <p class="key">
      <span><i style="background:var(--crit)"></i>columns changed critically</span>
      <span><i style="background:var(--amber)"></i>columns with a warning</span>
      <span>◆ data-quality finding</span>
      <span>dashed: not evaluated</span>
    </p>
    <svg viewBox="0 -14 ${WIDTH} ${HEIGHT + 48}" class="wide">
      <text y="-4">${top} of ${columns} columns</text>
      <path class="ax" d="M0 0h${WIDTH}M0 ${HEIGHT}h${WIDTH}"/>
      ${windows.map((window, index) => mark(window, index * (WIDTH / windows.length), WIDTH / windows.length, top))}
      <text y="${HEIGHT + 31}">${first?.from == null ? '' : instant(first.from)}</text>
      <text x="${WIDTH}" y="${HEIGHT + 31}" class="r">${last?.to == null ? '' : instant(last.to)}</text>
    </svg>
  `
}

function mark(window: WindowResult, left: number, step: number, top: number): Markup {
  const x = Math.round(left + 1)
  const w = Math.max(2, Math.round(step - 3))
  const tall = (severity: 'crit' | 'warn'): number => Math.round((count(window, severity) / top) * HEIGHT)
  const [crit, warn] = [tall('crit'), tall('warn')]
  const broken = window.findings.some(({ severity }) => severity === 'crit' || severity === 'warn')
  const changed = count(window, 'crit') + count(window, 'warn')
  const words = wasEvaluated(window.status)
    ? `${changed} of ${window.columns.length} columns changed.`
    : window.sentence
  const title = `${span(window.from, window.to)}: ${statusWord(window.status)}. ${words}`
  const sign = broken ? markup`<path class="k" d="M${x + Math.round(w / 2)} ${HEIGHT + 8}l4 4-4 4-4-4z"/>` : nothing
  const empty = wasEvaluated(window.status)
    ? nothing
    : markup`<path class="e" stroke-dasharray="2 3" d="M${x} ${HEIGHT - 10}h${w}v10h-${w}z"/>`
  return markup`
    <g>
      <title>${title}</title>
      <path class="k" d="M${x} ${HEIGHT}v-${crit}h${w}v${crit}"/>
      <path class="w" d="M${x} ${HEIGHT - crit}v-${warn}h${w}v${warn}"/>
      ${empty}
      ${sign}
      <path fill="transparent" d="M${x} 0h${w}v${HEIGHT}h-${w}"/>
    </g>
  `
}

function count(window: WindowResult, severity: 'crit' | 'warn'): number {
  return window.columns.filter((column) => column.severity === severity).length
}
