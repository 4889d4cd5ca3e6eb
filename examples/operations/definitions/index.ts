export * from './platform.ts'
export * from './customers.ts'
