import { hash } from 'node:crypto'

/**
 * The table in which a monitor's rows are put together while it runs. The next run replaces what a killed one left. Monitors
 * whose names differ only in signs or case have different tables.
 *
 * @example workTable('current', 'next-day') // 'monitoring.current_next_day_390e5344'
 */
export function workTable(of: 'current' | 'labelled' | 'recomputed', monitor: string): string {
  const plain = monitor.toLowerCase().replaceAll(/\W/g, '_')
  const own = plain === monitor ? plain : `${plain}_${hash('sha256', monitor).slice(0, 8)}`
  return `monitoring.${of}_${own}`
}
