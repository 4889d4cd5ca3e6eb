import type { z } from 'zod'
import { MartletError } from '@martlet/warehouse'
import type { LabelPlan } from '../plan/label-plan.ts'
import type { ServicePlan, ViewPlan } from '../plan/view-plan.ts'
import { labelPlan, servicePlan, viewPlan } from '../vocabulary/plan-schema.ts'

export type AnyPlan = ViewPlan | ServicePlan | LabelPlan

/** A plan as text. Keys are sorted and dates are marked, so equal plans have equal text. */
export function planText(plan: AnyPlan): string {
  return JSON.stringify(sorted(plan))
}

/** @throws MartletError CATALOG_PLAN_UNREADABLE when the text is not a plan that this version knows */
export function readViewPlan(text: string, where: string): ViewPlan {
  return read(viewPlan, text, where)
}

/** @throws MartletError CATALOG_PLAN_UNREADABLE when the text is not a plan that this version knows */
export function readServicePlan(text: string, where: string): ServicePlan {
  return read(servicePlan, text, where)
}

/** @throws MartletError CATALOG_PLAN_UNREADABLE when the text is not a plan that this version knows */
export function readLabelPlan(text: string, where: string): LabelPlan {
  return read(labelPlan, text, where)
}

function read<Plan>(schema: z.ZodType<Plan>, text: string, where: string): Plan {
  const parsed = schema.safeParse(revive(text))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new MartletError(
    'CATALOG_PLAN_UNREADABLE',
    `The plan stored as ${where} is not one that this version of Martlet can read, ` +
      `at ${issue?.path.join('.') || 'its root'}: ${issue?.message}. ` +
      'A newer version has probably written it: upgrade Martlet here.',
    { data: { where, path: issue?.path }, cause: parsed.error },
  )
}

function revive(text: string): unknown {
  try {
    return JSON.parse(text, (_, value: unknown) => (isMarkedDate(value) ? new Date(value.$date) : value))
  } catch {
    return undefined
  }
}

function isMarkedDate(value: unknown): value is { readonly $date: string } {
  return typeof value === 'object' && value !== null && '$date' in value && typeof value.$date === 'string'
}

function sorted(value: unknown): unknown {
  if (value instanceof Date) return { $date: value.toISOString() }
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
