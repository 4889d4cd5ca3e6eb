import { missingColumn, type FieldSource, type VectorField } from '@martlet/feature-store'
import type { ProfiledColumn } from './reference-profile.ts'

/** Columns of a training set apart from features, and what to know about features. */
export interface VectorExtras {
  /** The column that holds the model's prediction. */
  readonly prediction?: Omit<ProfiledColumn, 'role'>
  /** The column that holds what the model should have predicted. */
  readonly label?: Omit<ProfiledColumn, 'role'>
  /** Fields that are codes rather than amounts, by name. */
  readonly categories?: readonly string[]
  /** Fields that follow from the row's time alone, by name: see {@link calendarColumns}. */
  readonly calendar?: readonly string[]
  /** The weight of fields in the report's order, by name. */
  readonly importance?: Readonly<Record<string, number>>
  /** What fields are computed from, by name: `fieldSources(service.plan)`. Changes are then traced to their source. */
  readonly sources?: ReadonlyMap<string, readonly FieldSource[]>
}

/** The columns of a training set to profile: the fields of a service's vector, then prediction and label. */
export function vectorColumns(fields: readonly VectorField[], extras: VectorExtras = {}): readonly ProfiledColumn[] {
  const { prediction, label, categories = [], calendar = [], importance = {}, sources } = extras
  const features = fields.map((field): ProfiledColumn => {
    const { name, type } = field
    const weight = importance[name]
    const from = sources?.get(name)
    return {
      name,
      type,
      ...(categories.includes(name) ? { as: 'category' as const } : {}),
      ...(calendar.includes(name) ? { calendar: true } : {}),
      ...(weight === undefined ? {} : { importance: weight }),
      ...(from === undefined ? {} : { sources: from }),
      ...(field.default === undefined ? {} : { missing: missingColumn(field) }),
    }
  })
  return [
    ...features,
    ...(prediction === undefined ? [] : [{ ...prediction, role: 'prediction' as const }]),
    ...(label === undefined ? [] : [{ ...label, role: 'label' as const }]),
  ]
}
