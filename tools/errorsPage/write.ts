/** Writes docs/errors.md: `npm run errors-page`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorsPage } from './errorsPage.ts'

writeFileSync(join(import.meta.dirname, '../../docs/errors.md'), errorsPage())
