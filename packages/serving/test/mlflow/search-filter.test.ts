import process from 'node:process'
import { expect, test } from 'vitest'
import { matchesFilter, onlyValue, readFilter } from '../../src/protocol/mlflow/search-filter.ts'

const known = { texts: ['name', 'run_id'], numbers: ['version_number'], lists: ['name'] }
const churn = {
  attributes: { name: 'Churn_eu', run_id: 'r1', version_number: 3 },
  tags: { team: 'growth', 'a key': 'x AND y', 'it.s': '' },
}
const PROMPT = "tag.`mlflow.prompt.is_prompt` != 'true'"

test.each([
  ['', true],
  ["name = 'Churn_eu'", true],
  ["name='churn_eu'", false],
  ["name != 'churn_eu'", true],
  ["name LIKE 'Churn%'", true],
  ["name LIKE 'churn%'", false],
  ["name ILIKE 'churn%'", true],
  ["name LIKE '%urn%e_'", true],
  ["name LIKE 'Churn_u'", false],
  ["name LIKE '%%%'", true],
  ["name LIKE ''", false],
  [PROMPT, true],
  ["tags.`mlflow.prompt.is_prompt` = 'false'", true],
  ["tags.`mlflow.prompt.is_prompt` = 'true'", false],
  [`name = 'Churn_eu' AND ${PROMPT}`, true],
  [`name = 'other' and ${PROMPT}`, false],
  ["tags.team = 'growth' AND attribute.run_id = 'r1'", true],
  ["tag.team ILIKE 'GROW%'", true],
  // As in MLflow, what has no such tag does not differ from a value.
  ["tags.absent != 'x'", false],
  ["tags.constructor != 'x'", false],
  ["tags.`a key` = 'x AND y'", true],
  ['tags."a key" = "x AND y"', true],
  ["tags.it.s = ''", true],
  ['version_number = 3', true],
  ['version_number>2 AND version_number <= 3', true],
  ['version_number != 3', false],
  ["name IN ('a', 'Churn_eu')", true],
  ["name NOT IN ('a', 'b')", true],
  ["name not in ('Churn_eu')", false],
])('%s: %s', (filter, matches) => {
  expect(matchesFilter(readFilter(filter, known), churn)).toBe(matches)
})

test.each([
  ['name', 'filter needs a comparison such as = or LIKE after "name", but it ends there.'],
  ["nome = 'x'", 'filter cannot ask for "nome": there are name, run_id, version_number and tags.<key>.'],
  ["metrics.auc = 'x'", 'filter cannot ask for "metrics.auc": there are name, run_id, version_number and tags.<key>.'],
  ['name = x', 'filter must compare "name" with a text in quotes, not "x".'],
  ["version_number = 'x'", 'filter must compare "version_number" with a whole number, not "x".'],
  ["name > 'x'", 'filter cannot compare "name" by >.'],
  ["tags.team IN ('a')", 'filter cannot compare "team" by IN.'],
  ["run_id IN ('a')", 'filter cannot compare "run_id" by IN.'],
  ["name = 'x' OR name = 'y'", 'filter must join conditions by AND, not by "OR".'],
  ["name = 'x' AND", 'filter needs a name such as name or tags.team, but it ends there.'],
  ["name = 'x", 'filter cannot be read at "\'x".'],
  ["name IN ('x'", 'filter must end the list after "name" with ).'],
  ["name IN 'x'", "filter needs a list such as ('a', 'b') after \"name\"."],
  ["'name' = 'x'", 'filter needs a name such as name or tags.team, not "name".'],
  ["name = 'x' ; drop", 'filter cannot be read at "; drop".'],
])('%s is refused', (filter, message) => {
  expect(() => readFilter(filter, known)).toThrow(expect.objectContaining({ code: 'MLFLOW_INVALID', message }))
})

test('conditions have an end', () => {
  const many = Array.from({ length: 51 }, () => PROMPT).join(' AND ')
  expect(() => readFilter(many, known)).toThrow('filter has more than 50 conditions.')
})

test('a pattern of many wildcards takes no time', () => {
  const conditions = readFilter(`name LIKE '${'%a'.repeat(900)}b'`, known)
  const before = process.threadCpuUsage()
  expect(matchesFilter(conditions, { attributes: { name: 'a'.repeat(1500) }, tags: {} })).toBe(false)
  expect(process.threadCpuUsage(before).user).toBeLessThan(1_000_000)
})

test('the only name that can match', () => {
  expect(onlyValue(readFilter(`name = 'a' AND ${PROMPT}`, known), 'name')).toBe('a')
  expect(onlyValue(readFilter("name LIKE 'a'", known), 'name')).toBeUndefined()
  expect(onlyValue(readFilter("tags.name = 'a'", known), 'name')).toBeUndefined()
})
