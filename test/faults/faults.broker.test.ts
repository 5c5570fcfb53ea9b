/**
 * The promise of the README under the faults that cost other systems records: the real program, a real broker, a proxy that cuts
 * connections where it hurts, and Java's console consumer as the judge. `npm run chaos` is the long version of this.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { oracleAvailable } from '../../tools/support/consoleConsumer.ts'
import { type Arena, openArena } from './arena.ts'
import { show } from './count.ts'
import { faults } from './faults.ts'
import { anySeed, seededRandom } from './seededRandom.ts'
import { openSite, type Site } from './site.ts'
import { strike } from './strike.ts'

const seed = anySeed()
const short = faults.flatMap((fault) => Array.from({ length: fault.short ?? 0 }, () => fault))

describe.skipIf(!(await oracleAvailable()))('one job goes on after', { timeout: 90_000 }, () => {
  let arena: Arena
  let site: Site

  beforeAll(async () => {
    console.log(`RXWEFT_SEED=${seed}`)
    arena = await openArena()
    site = await openSite(arena, seededRandom(seed))
  }, 120_000)

  afterAll(async () => {
    await site?.close()
    await arena?.close()
  })

  for (const fault of short) {
    it(fault.name, async ({ skip }) => {
      const reason = await fault.impossible?.()
      if (reason) skip(reason)
      await strike(fault, site).catch(async (error) => {
        // The others shall not suffer for it.
        await site.close()
        site = await openSite(arena, seededRandom(seed))
        throw error
      })
    })
  }

  it('all of that, and nothing is lost, doubled or reordered', async () => {
    expect(show(await site.judge())).toMatch(/^(\d+) in, \1 out, 0 lost, 0 duplicated, 0 reordered$/)
  })
})
