import type { WindowResult } from '../../../verdict/result.ts'
import { markup, nothing, type Markup } from '../../markup.ts'
import { span, statusWord, wasEvaluated, instant } from '../../words.ts'
import type { Page } from '../page.ts'

const WIDTH = 1000
const HEIGHT = 64
const STATE_HEIGHT = 14
/** A strip of a few alerts is drawn as if there were this many, so that one does not fill it. */
const LEAST_TOP = 4

/** One mark per window: its state, how many columns alerted, and whether the data was broken. */
export function timeline({ result: { windows }, latest }: Page): Markup {
  if (windows.length < 2 || latest?.performance !== undefined || latest?.parity !== undefined) return nothing
  const columns = Math.max(1, ...windows.map((window) => window.columns.length))
  const alerts = windows.map((window) => count(window, 'crit') + count(window, 'warn'))
  const top = Math.min(columns, Math.max(LEAST_TOP, ...alerts))
  const [first, last] = [windows[0], windows.at(-1)]
  const alerting = windows.filter(({ severity }) => severity === 'warn' || severity === 'crit').length
  const label = `${alerting} of ${windows.length} windows alerted.`
  return markup`
    <section>
      <h2>Window by window</h2>
      <p class="key">
        <span><i class="k"></i>critical</span>
        <span><i class="w"></i>warning</span>
        <span><i class="g"></i>no alert</span>
        <span>◆ fault in the data</span>
        <span>dashed: not evaluated</span>
      </p>
      <svg viewBox="0 0 ${WIDTH} ${HEIGHT + STATE_HEIGHT + 18}" class="wide strip" role="img" aria-label="${label}"
        preserveAspectRatio="none">
        <path class="ax" d="M0 .5h${WIDTH}M0 ${HEIGHT + 0.5}h${WIDTH}"/>
        ${windows.map((window, index) => mark(window, index * (WIDTH / windows.length), WIDTH / windows.length, top))}
      </svg>
      <p class="under">
        <span>${first?.from == null ? '' : instant(first.from)}</span>
        <span>height: columns that changed, up to ${top} of ${columns}</span>
        <span>${last?.to == null ? '' : instant(last.to)}</span>
      </p>
    </section>
  `
}

function mark(window: WindowResult, left: number, step: number, top: number): Markup {
  const x = Math.round(left + 1)
  const w = Math.max(2, Math.round(step - 3))
  const tall = (severity: 'crit' | 'warn'): number => Math.round((count(window, severity) / top) * HEIGHT)
  const [crit, warn] = [tall('crit'), tall('warn')]
  const broken = window.findings.some(({ severity }) => severity === 'crit' || severity === 'warn')
  const title = `${span(window.from, window.to)}: ${statusWord(window.status)}. ${window.sentence}`
  const state = HEIGHT + 7
  const middle = x + Math.round(w / 2)
  const sign = broken ? markup`<path class="k" d="M${middle} ${state + STATE_HEIGHT}l4 4-4 4-4-4z"/>` : nothing
  const css = window.severity === 'crit' ? 'k' : window.severity === 'warn' ? 'w' : 'g'
  const box = wasEvaluated(window.status)
    ? markup`<path class="${css}" d="M${x} ${state}h${w}v${STATE_HEIGHT - 3}h-${w}z"/>`
    : markup`<path class="e" stroke-dasharray="2 3" d="M${x} ${state}h${w}v${STATE_HEIGHT - 3}h-${w}z"/>`
  return markup`
    <g>
      <title>${title}</title>
      ${crit > 0 ? markup`<path class="k" d="M${x} ${HEIGHT}v-${crit}h${w}v${crit}"/>` : nothing}
      ${warn > 0 ? markup`<path class="w" d="M${x} ${HEIGHT - crit}v-${warn}h${w}v${warn}"/>` : nothing}
      ${box}
      ${sign}
      <path fill="transparent" d="M${x} 0h${w}v${HEIGHT}h-${w}"/>
    </g>
  `
}

function count(window: WindowResult, severity: 'crit' | 'warn'): number {
  return window.columns.filter((column) => column.severity === severity).length
}
