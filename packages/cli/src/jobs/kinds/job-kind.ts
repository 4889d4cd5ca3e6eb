import type { z } from 'zod'
import type { Project } from '../../project/project.ts'

/** A file that a job wrote, which is kept under the SHA-256 of its bytes. */
export interface JobArtifact {
  /** Unique within the job, such as `report.html`. */
  readonly name: string
  /** Such as `text/html`. */
  readonly mediaType: string
  readonly sha256: string
  readonly bytes: number
}

/** What the work of a job is given. */
export interface JobContext<I extends object> {
  /** The arguments, as the schema of the kind reads them. */
  readonly input: I
  /**
   * When the job was asked for. A repeated attempt sees the same instant, so a report that is about this moment, and
   * not about now, is the same again.
   */
  readonly askedAt: Date
  /** The project, with its warehouse, catalog and registry. */
  readonly project: Project
  /** Aborts when the job is cancelled, or when its worker stops: give up at the next safe point. */
  readonly signal: AbortSignal
  /**
   * Keeps a file. The same name again replaces the file of this attempt; only those of the attempt that succeeds belong
   * to the job.
   */
  artifact(name: string, mediaType: string, content: string | Uint8Array): Promise<JobArtifact>
  /** Notes a number about the work, such as rows that were read; the last one of a name counts. */
  measure(name: string, value: number): void
  /** Says what is being done: the progress of the job, and a line of its log. */
  note(message: string): void
}

/** A kind of job that a project declares: what may be asked, and what a worker does then. */
export interface JobKindConfig<I extends object = object> {
  readonly description?: string
  /** What the arguments must be; it has to be expressible as JSON Schema. */
  readonly input: z.ZodType<I>
  /** From -100 to 100; jobs of a higher one run first. @default 0 */
  readonly priority?: number
  /**
   * Does the work, in a process of its own, and returns the output of the job: values of JSON. It may be killed at any
   * moment and is then run again, so what it changes must be the same afterwards.
   */
  run(context: JobContext<I>): Promise<Readonly<Record<string, unknown>> | void>
}

/**
 * Types a kind of job: `jobs: { kinds: { 'customer-report': jobKind({ … }) } }`.
 *
 * @example
 * jobKind({
 *   input: z.strictObject({ customer_id: z.string() }),
 *   run: async ({ input, artifact }) => void (await artifact('hello.txt', 'text/plain', `Hello ${input.customer_id}`)),
 * })
 */
export function jobKind<I extends object>(kind: JobKindConfig<I>): JobKindConfig<I> {
  return kind
}
