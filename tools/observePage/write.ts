/** Writes the table of metrics into docs/observe.md: `npm run observe-page`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withTable } from './table.ts'

const page = join(import.meta.dirname, '../../docs/observe.md')
writeFileSync(page, withTable(readFileSync(page, 'utf8')))
