import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { withTable } from '../../tools/observePage/table.ts'

it('docs/observe.md has the table of all metrics: `npm run observe-page` writes it', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/observe.md'), 'utf8')
  expect(page).toBe(withTable(page))
})
