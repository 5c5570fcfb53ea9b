/** The README tells what an installation brings. */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { installedSize } from '../../tools/packages/installedSize.ts'
import { install } from '../../tools/packages/registry.ts'
import { consumers, folderIn, unavailable } from './consumer.ts'

describe.skipIf(unavailable)('the size in the README', () => {
  it('is that of an installation, to a tenth', async () => {
    const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
    const [, packages, megabytes] = /With rxjs it is (\d+) packages\s+and ([\d.]+) MB/.exec(readme) ?? []
    const project = await folderIn()
    const tarball = consumers.tarballs.find((file) => basename(file).startsWith('rxweft-0')) as string
    await install(project, [tarball, 'rxjs@7'])
    const size = await installedSize(project)
    expect(size.packages).toBe(Number(packages))
    expect(Math.abs(size.bytes / 1e6 - Number(megabytes)), `${size.bytes} bytes`).toBeLessThan(Number(megabytes) / 10)
  })
})
