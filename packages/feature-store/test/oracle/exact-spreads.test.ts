import { expectEveryPlan } from './exact/expect-every-plan.ts'

expectEveryPlan(['a small spread on a large mean', 'constant after other constants', 'wandering'])
