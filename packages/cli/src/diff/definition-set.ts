import { readFileSync } from 'node:fs'
import {
  planText,
  readLabelPlan,
  readServicePlan,
  readViewPlan,
  type LabelPlan,
  type ServicePlan,
  type ViewPlan,
} from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { z } from 'zod'
import type { ProjectDefinitions } from '../project/definitions.ts'

/** The plans of a project's definitions, by name. */
export interface DefinitionSet {
  readonly views: ReadonlyMap<string, ViewPlan>
  readonly services: ReadonlyMap<string, ServicePlan>
  readonly labels: ReadonlyMap<string, LabelPlan>
}

export function definitionSet({ views, services, labels }: ProjectDefinitions): DefinitionSet {
  return {
    views: new Map([...views].map(([name, { plan }]) => [name, plan])),
    services: new Map([...services].map(([name, { plan }]) => [name, plan])),
    labels: new Map([...labels].map(([name, { plan }]) => [name, plan])),
  }
}

const FORMAT = 'martlet definitions 1'

const stored = z.object({
  format: z.literal(FORMAT),
  views: z.array(z.unknown()),
  services: z.array(z.unknown()),
  labels: z.array(z.unknown()),
})

/** A set as text, which {@link readDefinitionSet} reads. */
export function definitionSetText({ views, services, labels }: DefinitionSet): string {
  const list = (plans: ReadonlyMap<string, ViewPlan | ServicePlan | LabelPlan>): unknown[] =>
    [...plans.values()].map((plan): unknown => JSON.parse(planText(plan)))
  const set = { format: FORMAT, views: list(views), services: list(services), labels: list(labels) }
  return `${JSON.stringify(set, null, 1)}\n`
}

/**
 * Reads a file of `martlet export definitions`.
 * @throws MartletError DIFF_FILE_UNREADABLE when it is not one
 * @throws MartletError CATALOG_PLAN_UNREADABLE when a newer version of Martlet has written it
 */
export function readDefinitionSet(file: string): DefinitionSet {
  const set = stored.safeParse(parsed(file))
  if (!set.success)
    throw new MartletError(
      'DIFF_FILE_UNREADABLE',
      `${file} is not a file of definitions. Write one with \`martlet export definitions --into ${file}\`.`,
      { data: { file } },
    )
  const { views, services, labels } = set.data
  const all = <Plan extends { readonly name: string }>(
    plans: readonly unknown[],
    read: (text: string, where: string) => Plan,
    what: string,
  ): ReadonlyMap<string, Plan> =>
    new Map(
      plans
        .map((plan, i) => read(JSON.stringify(plan), `${what} ${i + 1} of ${file}`))
        .map((plan) => [plan.name, plan] as const),
    )
  return {
    views: all(views, readViewPlan, 'view'),
    services: all(services, readServicePlan, 'service'),
    labels: all(labels, readLabelPlan, 'label'),
  }
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
