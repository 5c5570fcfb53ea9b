/**
 * The promise of the README under the faults that cost other systems records: the real program, a real broker, a proxy that cuts
 * connections where it hurts, and Java's console consumer as the judge. `npm run chaos` is the long version of this.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { oracleAvailable } from '../support/consoleConsumer.ts'
import { type Arena, openArena } from './arena.ts'
import { show } from './count.ts'
import { faults } from './faults.ts'
import { anySeed, seededRandom } from './seededRandom.ts'
import { openSite, type Site } from './site.ts'

const seed = anySeed()
const short = faults.flatMap((fault) => Array.from({ length: fault.short ?? 0 }, () => fault))

describe.skipIf(!(await oracleAvailable()))('one job', { timeout: 60_000 }, () => {
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

  it.each(short)('survives: $name', async ({ impossible, inject }) => {
    const reason = (await impossible?.()) ?? null
    if (reason !== null) return console.log(`skipped: ${reason}`)
    await inject(site)
    await site.recovery()
  })

  it('and nothing is lost, doubled or reordered in the end', async () => {
    expect(show(await site.judge())).toMatch(/^(\d+) in, \1 out, 0 lost, 0 duplicated, 0 reordered$/)
  })
})
