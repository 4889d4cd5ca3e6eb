import { MartletError, typeText } from '@martlet/warehouse'
import type { OnlineStore } from '../online/online-store.ts'
import { fitsCodec, rowCodec, type RowCodec, type RowField, type RowFieldType } from '../online/row-codec.ts'
import { readSchemas } from '../online/schema-record.ts'
import type { ViewPlan } from '../plan/view-plan.ts'

/** Where a service's features of one view are in rows of one layout. */
export interface Layout {
  readonly codec: RowCodec
  /** In the order of the service. */
  readonly fields: readonly RowField[]
}

/**
 * The layouts that stored rows of a view may have: that of its definition, and those of earlier or later definitions,
 * which can be read as long as they have the service's features with the same types.
 */
export class ViewLayouts {
  readonly #view: ViewPlan
  readonly #features: readonly string[]
  readonly #current: Layout
  readonly #others = new Map<string, Layout>()
  readonly #otherNames: ReadonlyMap<string, string>

  /** `otherNames`: the name of a feature in rows of other definitions. */
  constructor(view: ViewPlan, features: readonly string[], otherNames: ReadonlyMap<string, string> = new Map()) {
    this.#view = view
    this.#features = features
    this.#otherNames = otherNames
    const codec = rowCodec(view.features)
    this.#current = { codec, fields: features.map((name) => this.#field(codec, name)) }
  }

  /**
   * The layout of a row, or undefined when {@link learn} has to fetch it first.
   * @throws MartletError ONLINE_SCHEMA_MISMATCH when the row is cut short
   */
  of(row: Uint8Array): Layout | undefined {
    if (fitsCodec(this.#current.codec, row)) return this.#current
    const other = this.#others.get(fingerprint(row))
    if (other !== undefined && row.length < other.codec.size) throw this.#mismatch('a row that is cut short')
    return other
  }

  /**
   * Fetches the layouts of some rows.
   * @throws MartletError ONLINE_SCHEMA_MISMATCH when one is not recorded, or lacks a feature or its type
   */
  async learn(store: OnlineStore, rows: readonly Uint8Array[]): Promise<void> {
    const unknown = [...new Map(rows.map((row) => [fingerprint(row), row.slice(0, 8)])).values()]
    const codecs = await readSchemas(store, unknown)
    for (const [index, found] of unknown.entries()) {
      const codec = codecs[index]
      if (codec === undefined) throw this.#mismatch('rows in a layout that is not recorded')
      this.#others.set(fingerprint(found), { codec, fields: this.#features.map((name) => this.#field(codec, name)) })
    }
  }

  #field(codec: RowCodec, name: string): RowField {
    const named = (wanted: string | undefined): RowField | undefined =>
      codec.fields.find((candidate) => candidate.name === wanted)
    const field = named(name) ?? named(this.#otherNames.get(name))
    if (field === undefined) throw this.#mismatch(`rows without ${name}`, name)
    const wanted = this.#current?.codec.fields.find((candidate) => candidate.name === name)
    if (wanted !== undefined && !readable(field.type, wanted.type))
      throw this.#mismatch(`rows with ${name} as ${typeText(field.type)} instead of ${typeText(wanted.type)}`, name)
    return field
  }

  #mismatch(what: string, feature?: string): MartletError {
    return new MartletError(
      'ONLINE_SCHEMA_MISMATCH',
      `The online table ${this.#view.name} has ${what}, written under another definition of the view. ` +
        `Materialize ${this.#view.name} again.`,
      { data: { view: this.#view.name, ...(feature === undefined ? {} : { feature }) } },
    )
  }
}

function fingerprint(row: Uint8Array): string {
  return Buffer.from(row.buffer, row.byteOffset, Math.min(8, row.byteLength)).toString('latin1')
}

/** Whether a stored value of one type answers for a feature of another; earlier versions stored decimals as doubles. */
function readable(stored: RowFieldType, wanted: RowFieldType): boolean {
  if (typeof wanted === 'object') return typeof stored === 'object' || stored === 'double'
  return stored === wanted
}
