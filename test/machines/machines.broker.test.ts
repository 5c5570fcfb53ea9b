/** `npm run machines`, with a single fault: it starts, judges, and ends with the line that it promises. */
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { javaAvailable } from '../../tools/support/javaTool.ts'
import { testProgram } from '../../tools/support/testProgram.ts'

const possible = inject('brokers').length > 0 && (await javaAvailable())
const main = join(import.meta.dirname, 'machines.ts')

describe.skipIf(!possible)('npm run machines', { timeout: 600_000 }, () => {
  it('counts every word once, and ends with a table and one line', async () => {
    const program = testProgram(['--processes', '3', '--shards', '3', '--only', 'killed and restarted'], {}, main)
    expect(await program.ended, program.said).toBe(0)
    const lines = program.said.trimEnd().split('\n')
    expect(lines.at(-1)).toMatch(
      /^([1-9]\d*) in, \1 counted, 0 lost, 0 doubled, [1-9]\d* hand-overs, worst pause [1-9]\d* ms$/,
    )
    expect(lines.some((line) => /^a process is killed and restarted at once +\d+ +\d+ ms/.test(line))).toBe(true)
  })
})
