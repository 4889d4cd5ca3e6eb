/** Holds only when A and B are the same type, `any` included. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- comparing deferred conditional types is the point
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles only for `true`. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the parameter is the assertion
export function sure<_T extends true>(): void {}
