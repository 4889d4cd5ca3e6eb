import { markup, nothing, type Markup } from '../markup.ts'
import type { WindowSummary } from '../../verdict/monitor-summary.ts'
import { wasEvaluated } from '../words.ts'

/** Windows drawn, the latest. */
const MOST = 30
const STEP = 6
const HEIGHT = 18

/** A bar for each window, the oldest first: the higher, the more urgent. */
export function historyStrip(windows: readonly WindowSummary[]): Markup {
  const shown = windows.slice(-MOST)
  if (shown.length === 0) return nothing
  const alerts = windows.filter(({ severity }) => severity === 'warn' || severity === 'crit').length
  const words = `${alerts} of ${windows.length} ${windows.length === 1 ? 'window' : 'windows'} alerted`
  const bars = (wanted: (window: WindowSummary) => boolean, tall: number): string =>
    shown
      .map((window, index) => (wanted(window) ? `M${index * STEP} ${HEIGHT}v-${tall}h${STEP - 1}v${tall}` : ''))
      .join('')
  const path = (css: string, d: string): Markup => (d === '' ? nothing : markup`<path class="${css}" d="${d}"/>`)
  const quiet = ({ status, severity }: WindowSummary): boolean =>
    wasEvaluated(status) && severity !== 'warn' && severity !== 'crit'
  return markup`
    <svg width="${Math.max(shown.length * STEP, 60)}" height="${HEIGHT}" role="img" aria-label="${words}">
      <title>${words}</title>
      ${path(
        'k',
        bars(({ severity }) => severity === 'crit', HEIGHT),
      )}
      ${path(
        'w',
        bars(({ severity }) => severity === 'warn', 12),
      )}
      ${path('g', bars(quiet, 6))}
      ${path(
        'e dash',
        bars((window) => !quiet(window) && window.severity !== 'crit' && window.severity !== 'warn', 6),
      )}
    </svg>
    <small>${words}</small>
  `
}
