/** The tarballs as publint and are-the-types-wrong see them. */
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { consumers, run, unavailable } from './consumer.ts'

const root = join(import.meta.dirname, '../..')
const tool = (name: string) => join(root, 'node_modules/.bin', name)

describe.skipIf(unavailable)('the tarball', () => {
  it.each(['rxweft', 'rxweft-schema-registry'])('of %s is clean for publint', async (name) => {
    const { code, stdout } = await run(tool('publint'), ['run', tarballOf(name), '--strict'], root)
    expect(stdout).toContain('All good!')
    expect(code).toBe(0)
  })

  it.each(['rxweft', 'rxweft-schema-registry'])('of %s is clean for are-the-types-wrong, esm-only', async (name) => {
    const { code, stdout } = await run(tool('attw'), [tarballOf(name), '--profile', 'esm-only'], root)
    expect(code, stdout).toBe(0)
  })
})

function tarballOf(name: string): string {
  return consumers.tarballs.find((file) => basename(file).startsWith(`${name}-0`)) as string
}
