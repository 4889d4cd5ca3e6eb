export * from './velocity.ts'
export * from './profile.ts'
export * from './payment.ts'
export * from './sources.ts'
