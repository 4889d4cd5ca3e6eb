// Judges the forecast on the public data sets that are there: npm run real -w examples/smart-meter
import { resultLines } from '../src/forecast/print.ts'
import { openMart } from '../src/open-mart.ts'
import { hasData } from './shared-data.ts'
import { runTrial, trials } from './trials.ts'

for (const trial of trials) {
  if (!hasData(trial.data)) {
    console.log(`${trial.data}: skipped, ../shared/data/${trial.data} is not there`)
    continue
  }
  await using warehouse = await openMart()
  console.log(`\n${trial.data}: ${trial.about}`)
  for (const line of resultLines(await runTrial(trial, warehouse))) console.log(line)
}
