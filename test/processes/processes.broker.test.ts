/**
 * `npm run chaos -- --processes`, in its short form: three processes over three brokers, killed,
 * frozen and cut off, write what one undisturbed process writes.
 */
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { javaAvailable } from '../../tools/support/javaTool.ts'
import { testProgram } from '../../tools/support/testProgram.ts'
import { anySeed } from '../faults/seededRandom.ts'

const possible = inject('brokers').length > 0 && (await javaAvailable())
const main = join(import.meta.dirname, '../chaos/chaos.ts')

it.skipIf(!possible)(
  'three processes under fire write what an undisturbed one writes',
  // A minute and a half on two cores; the part as a whole has its limit, too.
  { timeout: 300_000, retry: 1 },
  async () => {
    const args = [
      '--processes',
      '--short',
      '--minutes',
      '0.5',
      '--round',
      '3',
      '--kafka',
      '4.1',
      '--seed',
      `${anySeed()}`,
    ]
    const program = testProgram(args, {}, main)
    expect(await program.ended, program.said).toBe(0)
    const { said } = program
    console.log(said)
    expect(said).toMatch(/[1-9]\d* records, [1-9]\d* windows, [1-9]\d* late/)
    expect(said.trimEnd().split('\n').at(-1)).toMatch(/^1 rounds, [1-9] faults, seed \d+: no difference$/)
  },
)
