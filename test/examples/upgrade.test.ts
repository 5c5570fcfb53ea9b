import { join } from 'node:path'
import { execute, fileStorage, type Job, json, savepoint, savepoints, text } from 'rxweft'
import { embeddedSink, embeddedSource } from 'rxweft/embedded'
import { describe, expect, it } from 'vitest'
import { type Parts, type Payment, version1, version2, version3 } from '../../examples/upgrade.ts'
import { temporaryFolder } from '../checkpoint/temporaryFolder.ts'
import { temporaryLog, valuesOf } from '../embedded/temporaryLog.ts'

describe('a job in three versions', { timeout: 60_000 }, () => {
  it('goes on with its state, as docs/upgrading.md says, and back to its savepoint', async () => {
    const log = await temporaryLog({ payments: 1, refunds: 1, turnover: 1 })
    const storage = fileStorage(join(await temporaryFolder(), 'checkpoints'))
    const read = (topic: string) => embeddedSource(log, { topic, value: json<Payment>(), until: 'latest' })
    const parts = (): Parts => ({
      payments: read('payments'),
      refunds: read('refunds'),
      turnover: embeddedSink<string>(log, { topic: 'turnover', value: text }),
    })
    const pay = (topic: string, customer: string, amount: number) =>
      void log.append(topic, [{ value: JSON.stringify({ customer, amount }), partition: 0 }])
    let seen = 0
    const news = () => {
      const all = valuesOf(log, 'turnover')
      const found = all.slice(seen)
      seen = all.length
      return found
    }
    const run = async (job: Job, options = {}) => execute(job, { storage, ...options }).done

    pay('payments', 'ann', 10)
    pay('payments', 'bob', 5)
    await run(version1(parts()))
    expect(news()).toEqual(['ann: 10', 'bob: 5'])

    const kept = await execute(version1(parts()), { storage }).savepoint('before-v2')
    expect(await savepoints(storage, 'turnover')).toEqual([kept])

    pay('refunds', 'ann', -4)
    await run(version2(parts()))
    expect(news()).toEqual(['ann: 6 in 1'])

    await expect(run(defineVersion3Badly(parts()))).rejects.toMatchObject({ code: 'SOURCE_MISSING' })
    pay('payments', 'bob', -5)
    await run(version3(parts()))
    expect(news()).toEqual(['bob: 0 in 1'])
    // A restart of the same version.
    pay('payments', 'ann', 1)
    await run(version3(parts()))
    expect(news()).toEqual(['ann: 7 in 2'])

    // Back to the first version, as it was: what came since is written again.
    await run(version1(parts()), { from: savepoint('before-v2'), abandonLineage: kept.lineage })
    expect([...news()].sort()).toEqual(['ann: 6', 'ann: 7', 'bob: 0'].sort())
  })
})

/** Says nothing of the source that it lacks. */
const defineVersion3Badly = (parts: Parts): Job => ({ ...version3(parts), allowDropped: undefined })
