import { z } from 'zod'
import { sql } from '@martlet/warehouse'
import { integer } from '../algebra/integer.ts'
import type { WindowKind } from './window-kind.ts'

/** The newest `rows` facts (after `where`). */
export interface RowsWindow {
  readonly kind: 'rows'
  readonly rows: number
}

export const rows: WindowKind<RowsWindow> = {
  kind: 'rows',
  fields: { rows: z.number() },
  words: (window) => `over the last ${window.rows} rows`,
  reach: () => null,
  inside: (window, event) => sql`${event.back} <= ${integer(window.rows)}`,
  ranked: true,
  rows: (window) => window.rows,
}
