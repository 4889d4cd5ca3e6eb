import type { Deployment } from '@martlet/warehouse'

export interface Right {
  readonly role: string
  readonly privileges: readonly string[]
  /** Such as `TABLE CATALOG.RUNS` or `FUTURE TABLES IN SCHEMA FEATURES`. */
  readonly on: string
}

/** Who may do what, read off the GRANT statements of a deployment: no account has enforced any of it. */
export class GrantedRights {
  readonly rights: readonly Right[]
  readonly #held = new Map<string, string[]>()

  constructor({ objects }: Deployment) {
    const rights: Right[] = []
    for (const { kind, name } of objects) {
      if (kind !== 'GRANT') continue
      const ofRole = /^ROLE (\w+) TO ROLE (\w+)$/.exec(name)
      const right = /^(.+?) ON (.+) TO ROLE (\w+)$/.exec(name)
      if (ofRole?.[1] !== undefined && ofRole[2] !== undefined)
        this.#held.set(ofRole[2], [...(this.#held.get(ofRole[2]) ?? []), ofRole[1]])
      else if (right?.[1] !== undefined && right[2] !== undefined && right[3] !== undefined)
        rights.push({
          role: right[3],
          privileges: right[1].split(/,\s*/).map((one) => one.trim()),
          on: right[2].replaceAll(/\s*\.\s*/g, '.'),
        })
      else throw new Error(`a grant that this test cannot read: ${name}`)
    }
    this.rights = rights
  }

  /** A role with all that it holds. */
  closure(role: string): ReadonlySet<string> {
    return new Set([role, ...(this.#held.get(role) ?? []).flatMap((one) => [...this.closure(one)])])
  }

  /** The rights of a role and of all that it holds. */
  of(role: string): readonly Right[] {
    const all = this.closure(role)
    return this.rights.filter((right) => all.has(right.role))
  }

  seesCustomers(role: string): boolean {
    return this.closure(role).has('MARTLET_CUSTOMER_DATA')
  }
}

/** Whether a right lets somebody read or change rows, or make something, and not only reach the place. */
export function touches({ privileges }: Right): boolean {
  return privileges.some((one) => !['USAGE', 'OPERATE', 'MONITOR'].includes(one))
}

/** What holds keys or attributes of customers in the clear: rows, examples in findings, values in errors, categories. */
export const OPEN_DATA: RegExp = new RegExp(
  String.raw`\b(?:${[
    String.raw`SCHEMA (?:RAW|STAGING|FEATURES|FEATURES_INTERNAL|TRAINING|SCORES|SCORES_INTERNAL|ML)$`,
    String.raw`(?:TABLE|VIEW) (?:RAW|STAGING|FEATURES|FEATURES_INTERNAL|TRAINING|SCORES|SCORES_INTERNAL)\.`,
    String.raw`(?:TABLES|VIEWS) IN SCHEMA (?:RAW|STAGING|FEATURES|FEATURES_INTERNAL|TRAINING|SCORES|ML|CATALOG|MONITORING)$`,
    String.raw`TABLE CATALOG\.(?:RUNS|QUALITY_RESULTS|SCHEDULE_SLOTS|SCHEDULE_STEPS|JOBS|ALERT_STATES|ALERT_OUTBOX)$`,
    String.raw`TABLE MONITORING\.(?:QUALITY_RESULTS|REFERENCE_PROFILES)$`,
    String.raw`VIEW MONITORING\.MATERIALIZE_RUNS$`,
  ].join('|')})`,
)
