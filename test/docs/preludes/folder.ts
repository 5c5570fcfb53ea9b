/** A folder that is gone when the tests are. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const folder = mkdtempSync(join(tmpdir(), 'rxweft-page-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
