/** Programs of consumers in plain Node, with rxweft installed from its tarball. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { consumers, runIn, unavailable } from './consumer.ts'
import { nodeVersions } from './nodeBinary.ts'
import {
  asCommonJs,
  embeddedPrinted,
  embeddedProgram,
  memoryPrinted,
  memoryProgram,
  withoutOptionalPeers,
  withoutOptionalPeersPrinted,
} from './programs.ts'

const { exports } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'))
const entries = Object.keys(exports).map((path) => path.replace('.', 'rxweft'))
const { bare, full, nodes } = consumers

const fine = (stdout: string) => ({ code: 0, stdout, stderr: '' })

describe.each(nodeVersions)('in Node %s', (version) => {
  const binary = nodes.find(([one]) => one === version)?.[1] ?? null
  const itRuns = it.skipIf(unavailable || binary === null)
  const node = binary as string

  itRuns('an ES module runs a job in memory', async () => {
    expect(await runIn(bare, 'main.mjs', memoryProgram, node)).toEqual(fine(memoryPrinted))
  })

  itRuns('a CommonJS module runs a job in memory', async () => {
    expect(await runIn(bare, 'main.cjs', asCommonJs(memoryProgram), node)).toEqual(fine(memoryPrinted))
  })

  itRuns('a job runs on an embedded log', async () => {
    expect(await runIn(full, 'main.mjs', embeddedProgram, node)).toEqual(fine(embeddedPrinted))
  })

  itRuns('every entry can be imported and required, and is one and the same', async () => {
    const program = `
      import { createRequire } from 'node:module'
      const require = createRequire(import.meta.url)
      for (const entry of ${JSON.stringify([...entries, 'rxweft-schema-registry'])}) {
        const [imported, required] = [await import(entry), require(entry)]
        const differs = Object.keys(imported).filter((name) => imported[name] !== required[name])
        if (differs.length > 0 || Object.keys(imported).length === 0) console.log(entry, differs)
      }`
    expect(await runIn(full, 'main.mjs', program, node)).toEqual(fine(''))
  })
})

describe('without optional peers', () => {
  it.skipIf(unavailable)('each one that is needed is named with the command that installs it', async () => {
    expect(await runIn(bare, 'main.mjs', withoutOptionalPeers)).toEqual(fine(withoutOptionalPeersPrinted))
  })
})
