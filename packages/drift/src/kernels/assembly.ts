/**
 * Writes WebAssembly in TypeScript. Instructions have the names of the text format and take their operands as arguments, so that
 * `f64.add(f64.load(at), one)` is `(f64.add (f64.load (local.get $at)) (local.get $one))`.
 */

export type Type = 'i32' | 'f64' | 'v128'
type Code = readonly number[]

/** Instructions that leave a value. */
export interface Value<T extends Type = Type> {
  readonly type: T
  readonly code: Code
}

/** Instructions that leave none. */
export interface Step {
  readonly code: Code
  readonly type?: never
}

export interface Local<T extends Type = Type> extends Value<T> {
  set(value: Value<T>): Step
}

const TYPES: Readonly<Record<Type, number>> = { i32: 0x7f, f64: 0x7c, v128: 0x7b }

const codeOf = (parts: readonly (Value | Step)[]): Code => parts.flatMap(({ code }) => code)

function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)]
}

function signed(value: number): Code {
  return value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)]
}

function bytesOfDouble(value: number): Code {
  return [...new Uint8Array(Float64Array.of(value).buffer)]
}

/** Instructions of one and of two operands. */
type One<R extends Type, A extends Type = R> = (a: Value<A>) => Value<R>
type Two<R extends Type, A extends Type = R, B extends Type = A> = (a: Value<A>, b: Value<B>) => Value<R>
/** Loads and stores say how many bytes beyond the address they mean. */
type Load<R extends Type> = (at: Value<'i32'>, beyond?: number) => Value<R>
type Store<A extends Type> = (at: Value<'i32'>, value: Value<A>, beyond?: number) => Step

function one<R extends Type, A extends Type>(type: R, ...code: Code): One<R, A> {
  return (a) => ({ type, code: [...a.code, ...code] })
}

function two<R extends Type, A extends Type, B extends Type>(type: R, ...code: Code): Two<R, A, B> {
  return (a, b) => ({ type, code: [...a.code, ...b.code, ...code] })
}

function load<R extends Type>(type: R, ...code: Code): Load<R> {
  return (at, beyond = 0) => ({ type, code: [...at.code, ...code, 0, ...unsigned(beyond)] })
}

function store<A extends Type>(...code: Code): Store<A> {
  return (at, value, beyond = 0) => ({ code: [...at.code, ...value.code, ...code, 0, ...unsigned(beyond)] })
}

interface WholeNumbers {
  const(value: number): Value<'i32'>
  readonly load: Load<'i32'>
  readonly load8_u: Load<'i32'>
  readonly load16_u: Load<'i32'>
  readonly store: Store<'i32'>
  readonly store16: Store<'i32'>
  readonly eqz: One<'i32'>
  readonly lt_u: Two<'i32'>
  readonly ge_s: Two<'i32'>
  readonly add: Two<'i32'>
  readonly mul: Two<'i32'>
  readonly and: Two<'i32'>
  readonly or: Two<'i32'>
  readonly shl: Two<'i32'>
  readonly shr_u: Two<'i32'>
}

export const i32: WholeNumbers = {
  const: (value) => ({ type: 'i32', code: [0x41, ...signed(value)] }),
  load: load('i32', 0x28),
  load8_u: load('i32', 0x2d),
  load16_u: load('i32', 0x2f),
  store: store(0x36),
  store16: store(0x3b),
  eqz: one('i32', 0x45),
  lt_u: two('i32', 0x49),
  ge_s: two('i32', 0x4e),
  add: two('i32', 0x6a),
  mul: two('i32', 0x6c),
  and: two('i32', 0x71),
  or: two('i32', 0x72),
  shl: two('i32', 0x74),
  shr_u: two('i32', 0x76),
}

interface Doubles {
  const(value: number): Value<'f64'>
  readonly load: Load<'f64'>
  readonly store: Store<'f64'>
  readonly eq: Two<'i32', 'f64'>
  readonly lt: Two<'i32', 'f64'>
  readonly add: Two<'f64'>
  readonly sub: Two<'f64'>
  readonly mul: Two<'f64'>
}

export const f64: Doubles = {
  const: (value) => ({ type: 'f64', code: [0x44, ...bytesOfDouble(value)] }),
  load: load('f64', 0x2b),
  store: store(0x39),
  eq: two('i32', 0x61),
  lt: two('i32', 0x63),
  add: two('f64', 0xa0),
  sub: two('f64', 0xa1),
  mul: two('f64', 0xa2),
}

/** What all instructions on vectors begin with. */
const SIMD = 0xfd

export const v128: { readonly load: Load<'v128'>; readonly store: Store<'v128'> } = {
  load: load('v128', SIMD, 0x00),
  store: store(SIMD, 0x0b),
}

interface PairsOfDoubles {
  readonly splat: One<'v128', 'f64'>
  extract_lane(lane: 0 | 1, a: Value<'v128'>): Value<'f64'>
  replace_lane(lane: 0 | 1, a: Value<'v128'>, b: Value<'f64'>): Value<'v128'>
  readonly add: Two<'v128'>
  readonly sub: Two<'v128'>
  readonly mul: Two<'v128'>
  /** The second where it is below the first, so the first where the second is not a number. */
  readonly pmin: Two<'v128'>
  /** The second where it is above the first, so the first where the second is not a number. */
  readonly pmax: Two<'v128'>
}

export const f64x2: PairsOfDoubles = {
  splat: one('v128', SIMD, 0x14),
  extract_lane: (lane, a) => ({ type: 'f64', code: [...a.code, SIMD, 0x21, lane] }),
  replace_lane: (lane, a, b) => ({ type: 'v128', code: [...a.code, ...b.code, SIMD, 0x22, lane] }),
  add: two('v128', SIMD, 0xf0, 0x01),
  sub: two('v128', SIMD, 0xf1, 0x01),
  mul: two('v128', SIMD, 0xf2, 0x01),
  pmin: two('v128', SIMD, 0xf6, 0x01),
  pmax: two('v128', SIMD, 0xf7, 0x01),
}

interface FoursOfWholeNumbers {
  readonly splat: One<'v128', 'i32'>
  extract_lane(lane: 0 | 1 | 2 | 3, a: Value<'v128'>): Value<'i32'>
  readonly add: Two<'v128'>
  /** Products of eight pairs of 16-bit numbers, neighbours added. */
  readonly dot_i16x8_s: Two<'v128'>
}

export const i32x4: FoursOfWholeNumbers = {
  splat: one('v128', SIMD, 0x11),
  extract_lane: (lane, a) => ({ type: 'i32', code: [...a.code, SIMD, 0x1b, lane] }),
  add: two('v128', SIMD, 0xae, 0x01),
  dot_i16x8_s: two('v128', SIMD, 0xba, 0x01),
}

const EMPTY = 0x40
const END = 0x0b

/** Steps that are taken where a whole number is not 0, and others where it is. */
export function when(condition: Value<'i32'>, then: readonly Step[], otherwise: readonly Step[] = []): Step {
  const other = otherwise.length === 0 ? [] : [0x05, ...codeOf(otherwise)]
  return { code: [...condition.code, 0x04, EMPTY, ...codeOf(then), ...other, END] }
}

/** Steps that are repeated as long as a whole number is not 0. */
export function repeatWhile(condition: Value<'i32'>, ...steps: readonly Step[]): Step {
  return when(condition, [{ code: [0x03, EMPTY, ...codeOf(steps), ...condition.code, 0x0d, 0, END] }])
}

export interface Func {
  readonly params: readonly Type[]
  readonly result: Type | null
  readonly locals: readonly Type[]
  readonly code: Code
}

type Locals<P extends Readonly<Record<string, Type>>> = { readonly [K in keyof P]: Local<P[K]> }

/**
 * A function: `write` gets its parameters and what makes further locals, and returns its steps. The last one may be a value, which is
 * then its result.
 */
export function func<const P extends Readonly<Record<string, Type>>, const L extends Readonly<Record<string, Type>>>(
  params: P,
  locals: L,
  write: (names: Locals<P> & Locals<L>) => readonly (Step | Value)[],
): Func {
  const all = [...Object.entries(params), ...Object.entries(locals)]
  const named = Object.fromEntries(all.map(([name, type], index) => [name, local(type, index)]))
  const steps = write(named as Locals<P> & Locals<L>)
  return {
    params: Object.values(params),
    result: steps.at(-1)?.type ?? null,
    locals: Object.values(locals),
    code: codeOf(steps),
  }
}

function local<T extends Type>(type: T, index: number): Local<T> {
  return {
    type,
    code: [0x20, ...unsigned(index)],
    set: ({ code }) => ({ code: [...code, 0x21, ...unsigned(index)] }),
  }
}

/** What every module begins with: `\0asm`, and the version. */
const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

/** The bytes of a module that exports functions by name and imports its memory as `memory` of `of`. */
export function moduleOf(functions: Readonly<Record<string, Func>>): Uint8Array<ArrayBuffer> {
  const list = Object.values(functions)
  const types = list.map(({ params, result }) => [
    0x60,
    ...vector(params.map((type) => [TYPES[type]])),
    ...vector(result === null ? [] : [[TYPES[result]]]),
  ])
  const memory = [...name('of'), ...name('memory'), 0x02, 0x00, 0x01]
  const exported = Object.keys(functions).map((key, index) => [...name(key), 0x00, ...unsigned(index)])
  const bodies = list.map(({ locals, code }) => {
    const body = [...vector(locals.map((type) => [1, TYPES[type]])), ...code, END]
    return [...unsigned(body.length), ...body]
  })
  return Uint8Array.of(
    ...MAGIC,
    ...section(1, types),
    ...section(2, [memory]),
    ...section(
      3,
      list.map((_, index) => unsigned(index)),
    ),
    ...section(7, exported),
    ...section(10, bodies),
  )
}

function section(id: number, items: readonly Code[]): Code {
  const content = vector(items)
  return [id, ...unsigned(content.length), ...content]
}

function vector(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()]
}

function name(text: string): Code {
  const bytes = [...Buffer.from(text)]
  return [...unsigned(bytes.length), ...bytes]
}
