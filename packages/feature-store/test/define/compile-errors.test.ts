import { checkMistakes } from './check-mistakes.ts'
import { expectMistakes } from './compiler.ts'
import { definitionMistakes } from './definition-mistakes.ts'
import { dimensionMistakes } from './dimension-mistakes.ts'
import { intervalMistakes } from './interval-mistakes.ts'
import { lookupMistakes } from './lookup-mistakes.ts'
import { sourceMistakes } from './source-mistakes.ts'
import { viaMistakes } from './via-mistakes.ts'

expectMistakes([
  definitionMistakes,
  dimensionMistakes,
  intervalMistakes,
  lookupMistakes,
  viaMistakes,
  checkMistakes,
  sourceMistakes,
])
