import { addUp } from './add-up.ts'
import { moduleOf, type Func } from './assembly.ts'
import { countCells, gatherCells } from './equal-cells.ts'
import { areFinite, keepFinite } from './finite-rows.ts'
import { moveToWindows, placeInBins } from './place-in-bins.ts'
import { sumOfProducts } from './sum-of-products.ts'

type Kernel =
  | 'addUp'
  | 'areFinite'
  | 'countCells'
  | 'gatherCells'
  | 'keepFinite'
  | 'moveToWindows'
  | 'placeInBins'
  | 'sumOfProducts'

const functions: Readonly<Record<Kernel, Func>> = {
  addUp,
  areFinite,
  countCells,
  gatherCells,
  keepFinite,
  moveToWindows,
  placeInBins,
  sumOfProducts,
}

/** Loops over numbers, as WebAssembly; what they take and return are numbers and addresses. */
export type Kernels = Readonly<Record<Kernel, (...operands: readonly number[]) => number>>

interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** The part of the global that is used here; the types of Node do not have it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Memory: new (limits: { readonly initial: number }) => Memory
  readonly Instance: new (module: object, imports: object) => { readonly exports: Kernels }
}

const PAGE = 65_536
const ALIGNED = 16
/** A workbench with more memory is not kept. */
const MOST_KEPT = 16e6

let compiled: object | undefined
const idle: Workbench[] = []

/** Memory and the kernels that work on it. What is taken of it has an address, which stays as memory grows. */
export class Workbench implements Disposable {
  readonly run: Kernels
  readonly #memory: Memory
  #bytes: Uint8Array<ArrayBuffer>
  #doubles: Float64Array<ArrayBuffer>
  /** Nothing is at 0, so that it stands for no address. */
  #end = ALIGNED

  private constructor() {
    compiled ??= new WebAssembly.Module(moduleOf(functions))
    this.#memory = new WebAssembly.Memory({ initial: 1 })
    this.run = new WebAssembly.Instance(compiled, { of: { memory: this.#memory } }).exports
    this.#bytes = new Uint8Array(this.#memory.buffer)
    this.#doubles = new Float64Array(this.#memory.buffer)
  }

  /** One that nobody else has until it is disposed of. */
  static take(): Workbench {
    return idle.pop() ?? new Workbench()
  }

  /** Where so many bytes, of any content, are free. */
  take(bytes: number): number {
    const at = this.#end
    const end = Math.ceil((at + bytes) / ALIGNED) * ALIGNED
    if (end > this.#bytes.length) {
      this.#memory.grow(Math.ceil((end - this.#bytes.length) / PAGE))
      this.#bytes = new Uint8Array(this.#memory.buffer)
      this.#doubles = new Float64Array(this.#memory.buffer)
    }
    this.#end = end
    return at
  }

  /** Does some work, and then forgets what it has taken. */
  borrow<T>(work: () => T): T {
    const end = this.#end
    try {
      return work()
    } finally {
      this.#end = end
    }
  }

  /** All of the memory, until more is taken. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes
  }

  /** The same in doubles: the one at an address is at an eighth of it. */
  get doubles(): Float64Array<ArrayBuffer> {
    return this.#doubles
  }

  /** So many doubles at an address, until more is taken. */
  doublesAt(at: number, length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.#memory.buffer, at, length)
  }

  /** So many whole numbers of 32 bits at an address, until more is taken. */
  integersAt(at: number, length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.#memory.buffer, at, length)
  }

  [Symbol.dispose](): void {
    this.#end = ALIGNED
    if (this.#bytes.length <= MOST_KEPT) idle.push(this)
  }
}
