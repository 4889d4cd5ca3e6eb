import { MartletError } from '@martlet/warehouse'
import { instantText } from '../catalog/instant.ts'
import { readBy, viewSources } from '../vocabulary/view-sources.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import type { MaterializeEvent } from './events.ts'
import { featureTable } from './feature-table.ts'
import type { MaterializedView } from './run-view.ts'

/** A view that a run did not bring up to date, as plain JSON. */
export interface FailedView {
  readonly view: string
  readonly code: string
  readonly message: string
  /** The failed view that this one was skipped for; null when it failed itself. */
  readonly because: string | null
}

/** Some of several views failed: `done` has the results of the others, `cause` the errors. */
export class MaterializeFailed extends MartletError {
  readonly failed: readonly FailedView[]
  readonly done: readonly MaterializedView[]

  constructor(
    views: number,
    failed: readonly FailedView[],
    errors: readonly unknown[],
    done: readonly MaterializedView[],
  ) {
    const rest = done.length === 0 ? '' : `; ${done.length === 1 ? 'the other one is' : 'the others are'} up to date`
    const lines = failed.map(
      ({ view, message }) => `\n  ${message.startsWith(`${view}: `) ? message : `${view}: ${message}`}`,
    )
    super('MATERIALIZE_FAILED', `${failed.length} of ${views} views failed${rest}:${lines.join('')}`, {
      data: { failed, done: done.map(plainView) },
      cause: new AggregateError(errors, `${failed.length} of ${views} views failed`),
    })
    this.failed = failed
    this.done = done
  }
}

function plainView({ view, action, rows, published, watermark }: MaterializedView): object {
  return { view, action, rows, published, watermark: watermark === null ? null : instantText(watermark) }
}

export interface FailureOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((event: MaterializeEvent) => void) | undefined
}

/**
 * Isolates views from each other: a view that fails and those that read its rows are skipped, and the others
 * continue.
 */
export class FailedViews {
  readonly #errors = new Map<string, unknown>()
  readonly #failed = new Map<string, FailedView>()
  readonly #options: FailureOptions

  constructor(options: FailureOptions) {
    this.#options = options
  }

  has(view: ViewPlan): boolean {
    return this.#failed.has(view.name)
  }

  get some(): boolean {
    return this.#failed.size > 0
  }

  /** The name of the view that failed first. */
  get first(): string | undefined {
    return this.#failed.keys().next().value
  }

  error(view: ViewPlan): unknown {
    return this.#errors.get(view.name)
  }

  /** Does a part of a view's run, unless it or a view that it reads has failed. Only cancelling stops all views. */
  async attempt(view: ViewPlan, work: () => Promise<void>): Promise<void> {
    if (this.has(view)) return
    try {
      this.#refuseDependent(view)
      await work()
    } catch (error) {
      if (this.#options.signal?.aborted === true) throw error
      this.#add(view, error)
    }
  }

  /** @throws the view's own error when it is the only view, else MaterializeFailed */
  throwIfAny(views: readonly ViewPlan[], done: readonly MaterializedView[]): void {
    if (!this.some) return
    const [only] = views
    if (views.length === 1 && only !== undefined) throw named(this.error(only), only.name)
    throw new MaterializeFailed(views.length, [...this.#failed.values()], [...this.#errors.values()], done)
  }

  #refuseDependent(view: ViewPlan): void {
    for (const { name } of readBy(view)) {
      if (!this.#failed.has(name)) continue
      throw new MartletError('VIEW_SKIPPED', `${view.name}: skipped, because it reads view ${name}, which failed.`, {
        data: { view: view.name, because: name },
      })
    }
    for (const { source } of viewSources(view)) {
      const table = source.table.toLowerCase()
      const base = [...this.#failed.keys()].find(
        (name) => table === featureTable({ name }).toLowerCase() || table === `ml.${name}_latest`.toLowerCase(),
      )
      if (base === undefined) continue
      throw new MartletError(
        'VIEW_SKIPPED',
        `${view.name}: skipped, because it reads ${source.table}, and ${base} failed.`,
        { data: { view: view.name, because: base } },
      )
    }
  }

  #add(view: ViewPlan, error: unknown): void {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNEXPECTED'
    const message = error instanceof Error ? error.message : String(error)
    const because =
      error instanceof MartletError && error.code === 'VIEW_SKIPPED' ? String(error.data['because']) : null
    this.#errors.set(view.name, error)
    this.#failed.set(view.name, { view: view.name, code, message, because })
    this.#options.onProgress?.({ type: 'failed', view: view.name, code, message })
  }
}

/** The same error with the view's name in front, unless the message already has it. */
function named(error: unknown, view: string): unknown {
  const message = error instanceof Error ? error.message : String(error)
  if (message.includes(view)) return error
  const said = `${view}: ${message}`
  return error instanceof MartletError
    ? new MartletError(error.code, said, { data: { ...error.data, view }, cause: error })
    : new MartletError('MATERIALIZE_FAILED', said, { data: { view }, cause: error })
}
