/** Tables of rights in docs/production.md. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Rows of the first table under a heading, as [resource, operations]. */
export function documented(heading: string): readonly (readonly [resource: string, operations: readonly string[]])[] {
  const page = readFileSync(join(import.meta.dirname, '../../docs/production.md'), 'utf8')
  const [, table = ''] = page.split(`\n${heading}\n\n`)[1]?.match(/^(.*?)\n\n/s) ?? []
  const rows = table.split('\n').slice(2)
  return rows.map((row) => {
    const [, resource = '', operations = ''] = row.split('|').map((cell) => cell.trim())
    return [resource, operations.split(', ')]
  })
}
