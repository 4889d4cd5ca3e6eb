import type { ReportFormat } from '../report-format.ts'
import { html } from './html.ts'
import { json } from './json.ts'
import { junit } from './junit.ts'
import { markdown } from './markdown.ts'
import { prometheus } from './prometheus.ts'

/** Every format in which a result can be written. */
export const reportFormats: readonly ReportFormat[] = [html, json, markdown, junit, prometheus]
