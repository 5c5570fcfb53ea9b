import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { draft06 } from '../src/draft06.ts'

it('the meta-schema of draft 6 is that of ajv', () => {
  const file = createRequire(import.meta.url).resolve('ajv/dist/refs/json-schema-draft-06.json')
  expect(draft06).toEqual(JSON.parse(readFileSync(file, 'utf8')))
})
