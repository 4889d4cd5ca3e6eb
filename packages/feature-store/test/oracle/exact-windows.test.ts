import { expectEveryPlan } from './exact/expect-every-plan.ts'

expectEveryPlan(['tame', 'zeros', 'mixed signs'])
